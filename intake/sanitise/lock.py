"""Linux's Landlock, where the kernel has it: from here on this process opens program code and nothing else.

Even if a file took the process over, it would find neither the key nor the ledger, could write no file and call nobody.
https://docs.kernel.org/userspace-api/landlock.html ; the library of no distribution wraps it, so the calls are made here.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

# The numbers are the same on every architecture (they came after the tables were unified).
_CREATE, _ADD, _RESTRICT = 444, 445, 446
_ASK_VERSION = 1
_NO_NEW_PRIVILEGES = 38
_PATH_BENEATH = 1
_EXECUTE, _READ_FILE, _READ_DIR = 1, 4, 8
_NET = 3
"""TCP: bind and connect; since version 4."""
_LIBRARIES = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib", "/etc/ld.so.cache", "/dev/urandom")


def lock(code: Path) -> bool:
    """Give up every file but Python's, the libraries' and those of our `code`; whether the kernel could do it."""
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE, None, ctypes.c_size_t(0), _ASK_VERSION)
    if version < 1:
        return False
    # Every right that this version knows about files: 13 in the first, then REFER, TRUNCATE and IOCTL_DEV.
    rights = (1 << (13 + (version >= 2) + (version >= 3) + (version >= 5))) - 1
    attributes = struct.pack("=QQ", rights, _NET) if version >= 4 else struct.pack("=Q", rights)
    rules = libc.syscall(_CREATE, attributes, ctypes.c_size_t(len(attributes)), 0)
    if rules < 0:
        return False
    try:
        for place in _readable(code):
            _allow(libc, rules, place)
        libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        return bool(libc.syscall(_RESTRICT, rules, 0) == 0)
    finally:
        os.close(rules)


def _readable(code: Path) -> Iterable[Path]:
    """Where program code lies."""
    places = {Path(place) for place in (sys.prefix, sys.base_prefix, *_LIBRARIES)}
    return (place for place in {*places, code} if place.exists() and place != Path("/"))


def _allow(libc: ctypes.CDLL, rules: int, place: Path) -> None:
    """Reading beneath one place."""
    handle = os.open(place, os.O_PATH | os.O_CLOEXEC)
    try:
        rights = _EXECUTE | _READ_FILE | _READ_DIR if place.is_dir() else _READ_FILE
        libc.syscall(_ADD, rules, _PATH_BENEATH, struct.pack("=Qi", rights, handle), 0)
    finally:
        os.close(handle)
