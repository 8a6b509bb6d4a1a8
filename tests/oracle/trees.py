# SPDX-License-Identifier: Apache-2.0
"""A tree as a dictionary from names to entries: read from a disk or from tars, written as a
tar, compared with another one. Names are bytes and begin without "./"."""

import base64
import io
import os
import stat
import tarfile
from urllib.parse import unquote

XATTR = "SCHILY.xattr."
ENCODED_XATTR = "LIBARCHIVE.xattr."
KINDS = {
    tarfile.REGTYPE: stat.S_IFREG, tarfile.AREGTYPE: stat.S_IFREG, tarfile.DIRTYPE: stat.S_IFDIR,
    tarfile.SYMTYPE: stat.S_IFLNK, tarfile.CHRTYPE: stat.S_IFCHR, tarfile.BLKTYPE: stat.S_IFBLK,
    tarfile.FIFOTYPE: stat.S_IFIFO,
}
FIELDS = ("kind", "mode", "owner", "seconds", "content", "target", "device", "attributes", "links")


class Mismatch(Exception):
    """Two trees that should be the same are not, or a tar says nonsense."""


class Entry:
    """What a name stands for. Names that are links to one file share it when they are read
    from a tar; when they are read from a disk they have the same identity."""

    def __init__(self, kind, mode, owner, nanoseconds):
        self.kind, self.mode, self.owner = kind, 0 if kind == stat.S_IFLNK else mode, owner
        self.nanoseconds, self.seconds = nanoseconds, nanoseconds // 10 ** 9
        self.content, self.target, self.device, self.attributes = b"", b"", (), {}
        self.identity, self.links = id(self), ()


def read_entry(path):
    status = os.lstat(path)
    entry = Entry(stat.S_IFMT(status.st_mode), stat.S_IMODE(status.st_mode),
                  (status.st_uid, status.st_gid), status.st_mtime_ns)
    entry.identity = (status.st_dev, status.st_ino)
    if entry.kind in (stat.S_IFCHR, stat.S_IFBLK):
        entry.device = (os.major(status.st_rdev), os.minor(status.st_rdev))
    elif entry.kind == stat.S_IFLNK:
        entry.target = os.readlink(path)
    elif entry.kind == stat.S_IFREG:
        with open(path, "rb") as file:
            entry.content = file.read()
    entry.attributes = {name: os.getxattr(path, name, follow_symlinks=False)
                        for name in os.listxattr(path, follow_symlinks=False)
                        if name != "security.selinux"}
    return entry


def read_tree(top, names):
    """What is below the names, which stand in the directory."""
    tree, waiting = {}, list(names)
    while waiting:
        name = waiting.pop()
        path = os.path.join(top, name)
        tree[name] = read_entry(path)
        if tree[name].kind == stat.S_IFDIR:
            waiting.extend(os.path.join(name, child) for child in os.listdir(path))
    return find_links(tree)


def find_links(tree):
    groups = {}
    for name, entry in tree.items():
        groups.setdefault(entry.identity, []).append(name)
    for entry in tree.values():
        entry.links = tuple(sorted(groups[entry.identity]))
    return tree


def without_sockets(tree):
    return {name: entry for name, entry in tree.items() if entry.kind != stat.S_IFSOCK}


def member_entry(archive, member):
    entry = Entry(KINDS[member.type], member.mode, (member.uid, member.gid),
                  int(member.mtime) * 10 ** 9)
    entry.target = os.fsencode(member.linkname)
    if member.isreg():
        entry.content = archive.extractfile(member).read()
    elif member.ischr() or member.isblk():
        entry.device = (member.devmajor, member.devminor)
    for key, value in member.pax_headers.items():
        if key.startswith(XATTR):
            entry.attributes[key[len(XATTR):]] = os.fsencode(value)
        elif key.startswith(ENCODED_XATTR):
            entry.attributes[unquote(key[len(ENCODED_XATTR):])] = base64.b64decode(value)
    return entry


def remove(tree, name, itself=True):
    for path in [path for path in tree if path.startswith(name + b"/") or itself and path == name]:
        del tree[path]


def hide(tree, name):
    parent, base = os.path.split(name)
    if base == b".wh..wh..opq":
        remove(tree, parent, itself=False)
        return
    hidden = os.path.join(parent, base[4:])
    if hidden not in tree:
        raise Mismatch(f"{name!r} hides nothing")
    remove(tree, hidden)


def apply_tar(tree, path):
    """The tree with the tar as a layer above it; whiteouts hide only what is below."""
    tree, new = dict(tree), {}
    with tarfile.open(path, encoding="utf-8", errors="surrogateescape") as archive:
        for member in archive:
            name = os.path.normpath(os.fsencode(member.name))
            if os.path.basename(name).startswith(b".wh."):
                hide(tree, name)
            elif name in new:
                raise Mismatch(f"{name!r} is there twice")
            elif member.islnk():
                target = os.path.normpath(os.fsencode(member.linkname))
                if target not in new:
                    raise Mismatch(f"{name!r} is a link to {target!r}, which is not before it")
                new[name] = new[target]
            else:
                new[name] = member_entry(archive, member)
    for name, entry in new.items():
        if entry.kind != stat.S_IFDIR:
            remove(tree, name)
        tree[name] = entry
    return find_links(tree)


def compare(expected, found, what, is_lost=lambda name, value: False):
    """The first difference in the order of names is a Mismatch, but in attributes that are lost."""
    for name in sorted(expected.keys() | found.keys()):
        if name not in found or name not in expected:
            raise Mismatch(f"{what}: {name!r} is {'missing' if name in expected else 'too much'}")
        for field in FIELDS:
            ours, theirs = getattr(expected[name], field), getattr(found[name], field)
            if field == "attributes":
                ours = {key: value for key, value in ours.items() if not is_lost(key, value)}
            if ours != theirs:
                raise Mismatch(f"{what}: {name!r}: {field}: {ours!r:.300} became {theirs!r:.300}")


def differences(before, after):
    """The lines of diff, as the page of diff defines them."""
    kinds = {}
    for name, entry in after.items():
        if name not in before:
            kinds[name] = "A"
        elif is_changed(before[name], entry):
            kinds[name] = "C"
    for name in before.keys() - after.keys():
        if os.path.dirname(name) in after:
            kinds[name] = "D"
    for name in list(kinds):
        while name := os.path.dirname(name):
            kinds.setdefault(name, "C")
    return {b"/" + name: kind for name, kind in kinds.items()}


def is_changed(before, after):
    fields = ["kind", "mode", "owner", "content", "target", "device", "attributes"]
    if after.kind != stat.S_IFDIR:
        fields.append("nanoseconds")
    return any(getattr(before, field) != getattr(after, field) for field in fields)


def write_tar(tree, path):
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT, encoding="utf-8",
                      errors="surrogateescape") as archive:
        for name in sorted(tree):
            archive.addfile(*make_member(name, tree[name]))


def make_member(name, entry):
    member = tarfile.TarInfo("./" + os.fsdecode(name))
    first = entry.links[0]
    member.mode, (member.uid, member.gid) = entry.mode, entry.owner
    member.mtime = entry.seconds
    if first != name:
        member.type, member.linkname = tarfile.LNKTYPE, "./" + os.fsdecode(first)
        return member, None
    member.type = next(word for word, kind in KINDS.items() if kind == entry.kind)
    member.linkname = os.fsdecode(entry.target)
    if entry.device:
        member.devmajor, member.devminor = entry.device
    for key, value in entry.attributes.items():
        member.pax_headers[XATTR + key] = os.fsdecode(value)
    member.size = len(entry.content)
    return member, io.BytesIO(entry.content)
