# SPDX-License-Identifier: Apache-2.0
"""Random operations in a directory, the same ones for the same seed.

Names are few, so that what happens meets what was there before. What the kernel refuses
does not happen; nothing follows a link.
"""

import ctypes
import os
import random
import shutil
import stat

NAMES = [b"a", b"b", b"c", b"d", b"e", b"f", b"new\nline", b"\xff\xfe", "\u00fcml\u00e4ut".encode(),
         b" sp ace ", b"back\\slash", b"wh", b"-", b"l" * 255]
# In nanoseconds; Go can have none after 2262.
TIMES = [0, -5 * 10 ** 9, -10 ** 9 // 2, 10 ** 18 + 5, 2 * 10 ** 18, (2 ** 33 - 1) * 10 ** 9]
OWNERS = [0, 1, 1000, 65534, 2 ** 21, 2 ** 32 - 2]
MODES = [0, 0o644, 0o600, 0o755, 0o4755, 0o2750, 0o1777, 0o7777]
DEVICES = [(1, 3), (1, 5), (0, 1), (259, 70000)]
# Version 2; an entry each for the owner, a user, the group, the mask and others.
ACL = bytes.fromhex("02000000" "01000600ffffffff" "02000400e8030000" "04000400ffffffff"
                    "10000600ffffffff" "20000000ffffffff")
CAPABILITIES = bytes.fromhex("0100000200200000000000000000000000000000")
ATTRIBUTES = {
    "user.text": [b"1", b"two", b""],
    "user.bytes": [bytes(range(256)), b"\n=\0"],
    "trusted.one": [b"x", b"y" * 1000],
    "trusted.overlay.opaque": [b"y"],
    "security.capability": [CAPABILITIES],
    "system.posix_acl_access": [ACL],
    "system.posix_acl_default": [ACL],
}
LIBC = ctypes.CDLL(None)
AT_FDCWD, RENAME_EXCHANGE = -100, 2


class History:
    """What is done in one directory, as whoever may do everything."""

    def __init__(self, top, seed, sockets=False):
        self.top, self.random, self.sockets = top, random.Random(seed), sockets

    def run(self, count):
        os.makedirs(self.top, exist_ok=True)
        for _ in range(count):
            operation = self.random.choice(OPERATIONS)
            try:
                operation(self)
            except OSError:
                pass

    def paths(self):
        """All there is but the top, in an order that is the same each time."""
        found, directories = [], [self.top]
        while directories:
            directory = directories.pop()
            for name in sorted(os.listdir(directory)):
                path = os.path.join(directory, name)
                found.append(path)
                if stat.S_ISDIR(os.lstat(path).st_mode):
                    directories.append(path)
        return found

    def any(self, accept=lambda mode: True):
        paths = [path for path in self.paths() if accept(os.lstat(path).st_mode)]
        if not paths:
            raise FileNotFoundError
        return self.random.choice(paths)

    def any_with_top(self, accept=lambda mode: True):
        return self.top if self.random.random() < 0.1 else self.any(accept)

    def place(self):
        """Of something new, or of what is there."""
        directories = [path for path in self.paths() if stat.S_ISDIR(os.lstat(path).st_mode)]
        return os.path.join(self.random.choice([self.top, *directories]), self.random.choice(NAMES))

    def fill(self, path, flags):
        fd = os.open(path, flags | os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK, 0o644)
        try:
            os.write(fd, self.random.randbytes(self.random.choice([0, 1, 100, 5000])))
        finally:
            os.close(fd)

    def create(self):
        self.fill(self.place(), os.O_CREAT | os.O_EXCL)

    def write(self):
        self.fill(self.any(stat.S_ISREG), self.random.choice([0, os.O_APPEND, os.O_TRUNC]))

    def rewrite(self):
        """Other bytes; size and time tell nothing of them."""
        path = self.any(stat.S_ISREG)
        time = os.stat(path).st_mtime_ns
        fd = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
        try:
            first = os.pread(fd, 1, 0)
            os.pwrite(fd, bytes(byte ^ 1 for byte in first), 0)
        finally:
            os.close(fd)
        os.utime(path, ns=(time, time))

    def restore(self):
        """Gone and made again as it was."""
        path = self.any(stat.S_ISREG)
        status = os.stat(path)
        with open(path, "rb") as file:
            content = file.read()
        os.unlink(path)
        with open(path, "xb") as file:
            file.write(content)
        os.chown(path, status.st_uid, status.st_gid)
        os.chmod(path, stat.S_IMODE(status.st_mode))
        os.utime(path, ns=(status.st_mtime_ns, status.st_mtime_ns))

    def touch(self):
        """A time that is another one in nanoseconds only."""
        path = self.any_with_top()
        time = os.lstat(path).st_mtime_ns // 10 * 10 + self.random.randrange(10)
        os.utime(path, ns=(time, time), follow_symlinks=False)

    def truncate(self):
        os.truncate(self.any(stat.S_ISREG), self.random.choice([0, 1, 4096, 100000]))

    def chmod(self):
        os.chmod(self.any_with_top(lambda mode: not stat.S_ISLNK(mode)), self.random.choice(MODES))

    def chown(self):
        os.lchown(self.any_with_top(), self.random.choice(OWNERS), self.random.choice(OWNERS))

    def utime(self):
        time = self.random.choice(TIMES)
        os.utime(self.any_with_top(), ns=(time, time), follow_symlinks=False)

    def setxattr(self):
        name = self.random.choice(list(ATTRIBUTES))
        os.setxattr(self.any_with_top(), name, self.random.choice(ATTRIBUTES[name]),
                    follow_symlinks=False)

    def removexattr(self):
        path = self.any_with_top()
        names = sorted(os.listxattr(path, follow_symlinks=False))
        if names:
            os.removexattr(path, self.random.choice(names), follow_symlinks=False)

    def rename(self):
        os.rename(self.any(), self.place())

    def exchange(self):
        """Two names, if neither is in the other."""
        names = [ctypes.c_char_p(self.any()) for _ in range(2)]
        LIBC.renameat2(AT_FDCWD, names[0], AT_FDCWD, names[1], RENAME_EXCHANGE)

    def link(self):
        os.link(self.any(lambda mode: not stat.S_ISDIR(mode)), self.place(), follow_symlinks=False)

    def symlink(self):
        target = self.random.choice([*NAMES, b"../a", b"/etc", b"t" * 1000])
        os.symlink(target, self.place())

    def mkdir(self):
        os.mkdir(self.place())

    def mknod(self):
        kinds = [stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK] + [stat.S_IFSOCK] * self.sockets
        kind = self.random.choice(kinds)
        device = os.makedev(*self.random.choice(DEVICES))
        os.mknod(self.place(), kind | 0o640, device if kind in (stat.S_IFCHR, stat.S_IFBLK) else 0)

    def unlink(self):
        os.unlink(self.any(lambda mode: not stat.S_ISDIR(mode)))

    def rmdir(self):
        os.rmdir(self.any(stat.S_ISDIR))

    def remove_tree(self):
        path = self.any(stat.S_ISDIR)
        shutil.rmtree(path)
        return path

    def remake(self):
        """A directory that hides all it had, perhaps but for a name."""
        path = self.any(stat.S_ISDIR)
        names = sorted(os.listdir(path))
        shutil.rmtree(path)
        os.mkdir(path)
        if names and self.random.random() < 0.7:
            new = os.path.join(path, self.random.choice(names))
            self.random.choice([os.mkdir, lambda path: self.fill(path, os.O_CREAT)])(new)

    def replace(self):
        """Something of another type under the same name."""
        path = self.any()
        if stat.S_ISDIR(os.lstat(path).st_mode):
            shutil.rmtree(path)
        else:
            os.unlink(path)
        self.random.choice([
            os.mkdir, lambda path: self.fill(path, os.O_CREAT), lambda path: os.symlink(b"a", path),
            lambda path: os.mknod(path, (stat.S_IFSOCK if self.sockets else stat.S_IFIFO) | 0o600),
        ])(path)


# What makes something is there more often than what takes it away.
OPERATIONS = [
    *[History.create, History.mkdir] * 4, *[History.write, History.rename, History.link] * 2,
    History.rewrite, History.restore, History.touch, History.exchange, History.truncate,
    History.chmod, History.chown, History.utime, History.setxattr,
    History.setxattr, History.removexattr, History.symlink, History.mknod, History.unlink,
    History.unlink, History.rmdir, History.remove_tree, History.remake, History.remake,
    History.replace, History.replace,
]


def run_inside(root, run):
    """Calls run with that directory as the root, in a process of its own."""
    child = os.fork()
    if child == 0:
        try:
            os.chroot(root)
            os.chdir("/")
            os.umask(0o022)
            run()
            os._exit(0)
        except BaseException as problem:  # pylint: disable=broad-except
            os.write(2, f"oracle: {problem!r}\n".encode())
        os._exit(1)
    if os.waitpid(child, 0)[1] != 0:
        raise RuntimeError(f"the operations in {root} failed")
