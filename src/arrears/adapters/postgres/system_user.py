"""Running the server for root: PostgreSQL refuses root, so another system user runs it and must reach it."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import struct
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

#: Made once where root starts a server and the machine has no such user yet.
SYSTEM_USER = "arrears"
#: Where users cannot be made, as in a container without the tool for it.
FALLBACK_USER = "nobody"

ACL_ATTRIBUTE = "system.posix_acl_access"
_ACL_VERSION = 2
_ACL_USER_OWNER, _ACL_USER, _ACL_GROUP_OWNER, _ACL_MASK, _ACL_OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
_ACL_NOBODY = 0xFFFFFFFF
_ENTER = 1  #: the right to pass through a folder to a name one knows; not to list it


def system_user(data: Path) -> pwd.struct_passwd | None:
    """Who runs the server: None for ourselves; for root the data's owner, else a user of its own."""
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return pwd.getpwuid(data.stat().st_uid)
    for make in (False, True):
        if make and not _make_user():
            return pwd.getpwnam(FALLBACK_USER)
        try:
            return pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            continue
    return pwd.getpwnam(FALLBACK_USER)


def _make_user() -> bool:
    """Make the system user: no password, no shell, no home."""
    tool = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if tool is None:
        return False
    words = [tool, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    made = subprocess.run(words, capture_output=True, check=False)  # noqa: S603 - fixed words
    return made.returncode == 0


def can_enter(folder: Path, user: pwd.struct_passwd) -> bool:
    """Whether the user can make the folder its working directory; tried, not computed."""
    tried = subprocess.run(  # noqa: S603 - the folder is an argument, never part of the script
        ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)],
        cwd="/",
        user=user.pw_uid,
        group=user.pw_gid,
        extra_groups=[],
        capture_output=True,
        check=False,
    )
    return tried.returncode == 0


def let_through(folder: Path, user: pwd.struct_passwd) -> None:
    """Let the user pass through the folders above a folder, and no more than pass.

    Where a folder is closed, an access list entry for this one user is added; only where the file
    system knows none is the folder opened for passing to everyone. Nothing becomes readable.

    Raises:
        OSError: Where neither is possible.
    """
    if can_enter(folder, user):
        return
    for above in [*reversed(folder.parents), folder]:
        if can_enter(above, user):
            continue
        try:
            os.setxattr(above, ACL_ATTRIBUTE, _with_entry(above, user.pw_uid))
        except (OSError, AttributeError):
            above.chmod(stat.S_IMODE(above.stat().st_mode) | stat.S_IXOTH)


def _with_entry(folder: Path, uid: int) -> bytes:
    """The folder's access list with one entry more; made from its mode where it has none."""
    try:
        packed = os.getxattr(folder, ACL_ATTRIBUTE)
        entries = list(struct.iter_unpack("<HHI", packed[4:]))
    except OSError:
        mode = folder.stat().st_mode
        entries = [
            (_ACL_USER_OWNER, (mode >> 6) & 7, _ACL_NOBODY),
            (_ACL_GROUP_OWNER, (mode >> 3) & 7, _ACL_NOBODY),
            (_ACL_MASK, (mode >> 3) & 7, _ACL_NOBODY),
            (_ACL_OTHER, mode & 7, _ACL_NOBODY),
        ]
    kept = [each for each in entries if (each[0], each[2]) != (_ACL_USER, uid)]
    widened = [
        (tag, rights | _ENTER if tag == _ACL_MASK else rights, who) for tag, rights, who in kept
    ]
    whole = sorted([*widened, (_ACL_USER, _ENTER, uid)], key=lambda each: (each[0], each[2]))
    return struct.pack("<I", _ACL_VERSION) + b"".join(struct.pack("<HHI", *each) for each in whole)


def own(folder: Path, user: pwd.struct_passwd | None) -> None:
    """Make the folder the server's alone."""
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    folder.chmod(stat.S_IRWXU)


def own_file(file: Path, user: pwd.struct_passwd | None) -> None:
    """Make a file the server's alone."""
    if user is not None:
        os.chown(file, user.pw_uid, user.pw_gid)
    file.chmod(stat.S_IRUSR | stat.S_IWUSR)
