"""What pytest leaves alone here: samples raise when they are imported, for that is their purpose.

What they have in common they find under the name `acting`.
"""

import sys
from pathlib import Path

collect_ignore_glob = ["samples/*"]
HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)
