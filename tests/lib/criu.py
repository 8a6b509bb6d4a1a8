#!/usr/bin/env python3
"""criu.py swrk 3 - stands in for criu(8): hears a request as criu does, writes what it was asked
to $CRIU_HEARD, a line for each option, and does what $CRIU_DOES says: what it is asked for ("well",
if it is not set), "fail" with a log that says why, "die", or "wait" for ever after a line to
$CRIU_WAITS. A restored container is a process that sleeps."""

import ctypes
import os
import signal
import socket
import sys

OPTIONS = {
    2: "pid", 3: "leave_running", 4: "ext_unix_sk", 5: "tcp_established", 6: "evasive_devices",
    7: "shell_job", 8: "file_locks", 9: "log_level", 10: "log_file", 11: "ps",
    12: "notify_scripts", 13: "root", 14: "parent_img", 15: "track_mem", 16: "auto_dedup",
    18: "link_remap", 23: "ext_mnt", 25: "cg_root", 26: "rst_sibling", 27: "inherit_fd",
    34: "manage_cgroups_mode", 37: "external", 38: "empty_ns", 39: "join_ns",
    44: "freeze_cgroup", 46: "tcp_skip_in_flight", 48: "lazy_pages", 50: "orphan_pts_master",
    51: "config_file", 52: "tcp_close", 53: "lsm_profile", 63: "lsm_mount_context",
    64: "network_lock",
}
NESTED = ("ps", "ext_mnt", "cg_root", "inherit_fd", "join_ns")
IMAGES_DIR_FD, WORK_DIR_FD = 1, 17
DUMP, RESTORE, NOTIFY, SINGLE_PRE_DUMP = 1, 2, 6, 13
CLONE_PARENT = 0x8000


def number(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def field(key, value):
    if isinstance(value, int):
        return number(key << 3) + number(value)
    return number(key << 3 | 2) + number(len(value)) + value


def read_number(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def fields(data):
    at = 0
    while at < len(data):
        key, at = read_number(data, at)
        value, at = read_number(data, at)
        if key & 7 == 2:
            value, at = data[at:at + value], at + value
        yield key >> 3, value


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def describe(options):
    for key, value in options:
        name = OPTIONS.get(key)
        if name in NESTED:
            yield "%s %s" % (name, " ".join(text(inner) for _, inner in fields(value)))
        elif name:
            yield "%s %s" % (name, text(value))


class Criu:
    def __init__(self, number_of_socket):
        self.socket = socket.socket(fileno=number_of_socket)
        request = dict(fields(self.socket.recv(1 << 20)))
        self.kind = request[1]
        self.options = list(fields(request[2]))
        self.first = dict(self.options)

    def log(self, lines):
        peer = int.from_bytes(
            self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)[:4], "little")
        place = self.first.get(WORK_DIR_FD, self.first[IMAGES_DIR_FD])
        with open("/proc/%d/fd/%d/%s" % (peer, place, text(self.first[10])), "w") as log:
            log.write(lines)

    def answer(self, success, more=b"", kind=None):
        self.socket.send(field(1, self.kind if kind is None else kind) + field(2, success) + more)

    def notify(self, script, pid=0):
        self.answer(1, field(5, field(1, script) + field(2, pid)), NOTIFY)
        if not self.socket.recv(1 << 20):
            sys.exit(1)

    def restore(self):
        pid = ctypes.CDLL(None).syscall(56, CLONE_PARENT | signal.SIGCHLD, 0, 0, 0, 0)
        if pid == 0:
            os.execvp("sleep", ["sleep", "1000"])
        self.notify(b"setup-namespaces", pid)
        self.notify(b"post-restore", pid)
        self.answer(1, field(4, field(1, pid)))

    def dump(self):
        self.notify(b"post-dump")
        if self.kind == DUMP and 3 not in self.first:
            os.kill(self.first[2], signal.SIGKILL)
        self.answer(1)


def main():
    does = os.environ.get("CRIU_DOES", "well")
    criu = Criu(int(sys.argv[2]))
    with open(os.environ["CRIU_HEARD"], "w") as heard:
        heard.write("request %d\n" % criu.kind)
        heard.writelines(line + "\n" for line in describe(criu.options))
    if does == "wait":
        with open(os.environ["CRIU_WAITS"], "w") as waits:
            waits.write("here\n")
        criu.socket.recv(1)
    elif does == "fail":
        criu.log("(00.1) Error (criu/util.c:642): exited, status=1\n"
                 "(00.2)      1: Error (criu/mount.c:1088): mnt: the cause\n"
                 "(00.3) Error (criu/cr-dump.c:2053): Dumping FAILED.\n")
        criu.answer(0)
    elif does == "well" and criu.kind == RESTORE:
        criu.restore()
    elif does == "well":
        criu.dump()


main()
