"""What pytest leaves alone here: samples raise when they are imported, for that is their purpose."""

collect_ignore_glob = ["samples/*"]
