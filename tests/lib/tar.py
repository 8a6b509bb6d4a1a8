#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a tar holds and means, by another reader than the one under test.

tar.py list FILE             each entry in the order of the file, with all it has
tar.py state FILE            what is there when it has been unpacked, sorted
tar.py apply FILE LOWER...   the same when it has been applied as a layer over directories,
                             topmost first
tar.py tree DIRECTORY        what is there, as it is on the disk, sorted
tar.py make FILE             writes one: standard input is Python that calls add(), data
                             and attributes as in the functions below
"""

import base64
import hashlib
import io
import os
import stat
import sys
import tarfile
from urllib.parse import unquote

KINDS = {
    tarfile.REGTYPE: "file", tarfile.AREGTYPE: "file", tarfile.DIRTYPE: "directory",
    tarfile.SYMTYPE: "symlink", tarfile.LNKTYPE: "link", tarfile.CHRTYPE: "character",
    tarfile.BLKTYPE: "block", tarfile.FIFOTYPE: "fifo",
}
XATTR = "SCHILY.xattr."
ENCODED_XATTR = "LIBARCHIVE.xattr."
# Kept by overlayfs in layers, not by the container.
OWN = ("trusted.overlay.", "security.selinux")


def open_tar(path):
    return tarfile.open(path, encoding="utf-8", errors="surrogateescape")


def text(words):
    return " ".join(ascii(word).strip("'") for word in words).rstrip()


def attributes(member):
    found = {key[len(XATTR):]: os.fsencode(value).hex()
             for key, value in member.pax_headers.items() if key.startswith(XATTR)}
    # Names with a "=" cannot be there.
    found.update({unquote(key[len(ENCODED_XATTR):]): base64.b64decode(value).hex()
                  for key, value in member.pax_headers.items() if key.startswith(ENCODED_XATTR)})
    return ",".join(f"{key}={found[key]}" for key in sorted(found))


def describe(member, data):
    """The member as a tuple; a hard link's is that of what it leads to."""
    digest = hashlib.sha256(data).hexdigest()[:16] if member.isreg() else ""
    device = f"{member.devmajor}:{member.devminor}" if member.ischr() or member.isblk() else ""
    return (KINDS[member.type], f"{member.mode:o}", f"{member.uid}:{member.gid}",
            int(member.mtime), member.size, digest, member.linkname, device, attributes(member))


def read_data(archive, member):
    return archive.extractfile(member).read() if member.isreg() else b""


def list_members(path):
    with open_tar(path) as archive:
        for member in archive:
            print(text((member.name, *describe(member, read_data(archive, member)))))


def remove(state, name):
    for path in [path for path in state if path == name or path.startswith(name + "/")]:
        del state[path]


def apply(state, path):
    """layer.md: whiteouts hide what is in the layers below, wherever they stand."""
    new = {}
    with open_tar(path) as archive:
        for member in archive:
            parent, base = os.path.split(member.name)
            if base == ".wh..wh..opq":
                for child in [p for p in state if p.startswith(parent + "/")]:
                    del state[child]
            elif base.startswith(".wh."):
                hidden = os.path.join(parent, base[4:])
                if hidden not in state:
                    raise SystemExit(f"{member.name} hides nothing")
                remove(state, hidden)
            elif member.islnk():
                new[member.name] = new[member.linkname]
            else:
                if member.name in new:
                    raise SystemExit(f"{member.name} is there twice")
                new[member.name] = describe(member, read_data(archive, member))
    for name, entry in new.items():
        if entry[0] != "directory":
            remove(state, name)
        state[name] = entry


def describe_file(path, left_out=OWN):
    status = os.lstat(path)
    member = tarfile.TarInfo()
    member.type = {
        stat.S_IFREG: tarfile.REGTYPE, stat.S_IFDIR: tarfile.DIRTYPE,
        stat.S_IFLNK: tarfile.SYMTYPE, stat.S_IFCHR: tarfile.CHRTYPE,
        stat.S_IFBLK: tarfile.BLKTYPE, stat.S_IFIFO: tarfile.FIFOTYPE,
    }[stat.S_IFMT(status.st_mode)]
    member.mode = stat.S_IMODE(status.st_mode)
    member.uid, member.gid, member.mtime = status.st_uid, status.st_gid, int(status.st_mtime)
    member.size = status.st_size if member.isreg() else 0
    member.devmajor, member.devminor = os.major(status.st_rdev), os.minor(status.st_rdev)
    if member.issym():
        member.linkname = os.readlink(path)
    for name in os.listxattr(path, follow_symlinks=False):
        if not name.startswith(left_out):
            value = os.getxattr(path, name, follow_symlinks=False)
            member.pax_headers[XATTR + name] = os.fsdecode(value)
    data = b""
    if member.isreg():
        with open(path, "rb") as file:
            data = file.read()
    return describe(member, data)


def apply_directory(state, top):
    """A lower layer as overlayfs takes it."""
    for directory, names, files in os.walk(top):
        name = os.path.normpath("./" + os.path.relpath(directory, top))
        name = name if name == "." else "./" + name
        if state.get(name, ("directory",))[0] != "directory":
            remove(state, name)
        if "trusted.overlay.opaque" in os.listxattr(directory):
            remove(state, name)
        state[name] = describe_file(directory)
        for file in files + [n for n in names if os.path.islink(os.path.join(directory, n))]:
            path = os.path.join(directory, file)
            remove(state, f"{name}/{file}")
            if not (stat.S_ISCHR(os.lstat(path).st_mode) and os.lstat(path).st_rdev == 0):
                state[f"{name}/{file}"] = describe_file(path)


def read_tree(top):
    state = {}
    for directory, names, files in os.walk(top):
        for name in [".", *names, *files]:
            path = os.path.normpath(os.path.join(directory, name))
            name = os.path.relpath(path, top)
            state[name if name == "." else "./" + name] = describe_file(path, ("security.selinux",))
    return state


def print_state(state):
    for name in sorted(state):
        print(text((name, *state[name])))


def make(path):
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT, encoding="utf-8",
                      errors="surrogateescape") as archive:
        def add(name, data=b"", xattrs=None, **values):
            member = tarfile.TarInfo(name)
            member.mode, member.mtime = 0o644, 1000
            for key, value in values.items():
                setattr(member, key, value)
            for key, value in (xattrs or {}).items():
                member.pax_headers[XATTR + key] = os.fsdecode(value)
            member.size = len(data) if member.isreg() else 0
            archive.addfile(member, io.BytesIO(data))

        def directory(name, mode=0o755, **values):
            add(name, type=tarfile.DIRTYPE, mode=mode, **values)

        def symlink(name, target, **values):
            add(name, type=tarfile.SYMTYPE, linkname=target, **values)

        def link(name, target, **values):
            add(name, type=tarfile.LNKTYPE, linkname=target, **values)

        exec(sys.stdin.read(), {**globals(), **locals()})


def main():
    verb, path, lowers = sys.argv[1], sys.argv[2], sys.argv[3:]
    state = {}
    if verb == "list":
        list_members(path)
    elif verb == "make":
        make(path)
    elif verb == "tree":
        print_state(read_tree(path))
    else:
        for lower in reversed(lowers):
            apply_directory(state, lower)
        apply(state, path)
        print_state(state)


main()
