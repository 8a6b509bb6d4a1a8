#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""agent.py SOCKET READY STATES ERRNO - an agent for SCMP_ACT_NOTIFY, seccomp_unotify(2).

Writes a line to the fifo READY once it listens, and each container process state, a line of
JSON, to the file STATES. Calls that it is asked about fail with ERRNO, or go on when that is
0. Ends with its first standard input line, or end of file."""

import array
import fcntl
import os
import select
import socket
import struct
import sys
import threading

NOTIF_RECV, NOTIF_SEND = 0xC0502100, 0xC0182101
FLAG_CONTINUE = 1


def answer(listener, number):
    """Until the last process under the filter has ended."""
    while True:
        request = bytearray(80)
        try:
            fcntl.ioctl(listener, NOTIF_RECV, request)
            name, = struct.unpack_from("Q", request)
            flags = 0 if number else FLAG_CONTINUE
            fcntl.ioctl(listener, NOTIF_SEND, struct.pack("QqiI", name, 0, -number, flags))
        except FileNotFoundError:  # the caller has died meanwhile, or all have
            poll = select.poll()
            poll.register(listener)
            if any(event & select.POLLHUP for _, event in poll.poll(0)):
                return


def serve(connection, states, number):
    room = socket.CMSG_SPACE(8 * 4)
    text, fds = b"", array.array("i")
    while True:
        data, control, _, _ = connection.recvmsg(65536, room)
        for _, _, content in control:
            fds.frombytes(content)
        text += data
        if not data:
            break
    states.write(text.decode().strip() + "\n")
    states.flush()
    if len(fds) != 1:
        states.write(f"{len(fds)} descriptors\n")
        return
    answer(fds[0], number)
    os.close(fds[0])


def main():
    path, ready, name, number = sys.argv[1:]
    states = open(name, "a", encoding="utf-8")
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(path)
    listening.listen()

    def accept():
        while True:
            connection, _ = listening.accept()
            threading.Thread(target=serve, args=(connection, states, int(number)),
                             daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    with open(ready, "w", encoding="utf-8") as fifo:
        fifo.write("ready\n")
    sys.stdin.readline()
    os._exit(0)


main()
