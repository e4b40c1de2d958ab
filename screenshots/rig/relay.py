#!/usr/bin/python3
"""relay.py LOG -- command [args]: run a command on a pty of its own, between it and the terminal, and keep a record.

Every byte passes both ways unchanged and at once; window sizes follow, pixels included. LOG receives, for each piece,
one frame: kind (o output, i input, w window size, x exit status), monotonic time in seconds, length, bytes. The time
is taken before the piece is passed on. `frames` reads such a log while it still grows.
"""
import fcntl
import os
import select
import signal
import struct
import sys
import termios
import time
import tty

HEAD = struct.Struct('<cdI')
ROOM = 16384            # no more than this waits on either side: a slow terminal must still be felt by the program


def frames(file):
    """The whole frames that `file` (opened for reading in binary) holds from its present place on: (kind, time, bytes)."""
    while True:
        start = file.tell()
        head = file.read(HEAD.size)
        if len(head) == HEAD.size:
            kind, when, length = HEAD.unpack(head)
            data = file.read(length)
            if len(data) == length:
                yield kind.decode(), when, data
                continue
        file.seek(start)
        return


def main(path, argv):
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def note(kind, data):
        os.write(log, HEAD.pack(kind, time.monotonic(), len(data)) + data)

    def follow_size(*_):
        size = fcntl.ioctl(0, termios.TIOCGWINSZ, b'\0' * 8)
        fcntl.ioctl(master, termios.TIOCSWINSZ, size)
        note(b'w', size)

    before = termios.tcgetattr(0)
    master, slave = os.openpty()
    termios.tcsetattr(slave, termios.TCSANOW, before)
    follow_size()
    child = os.fork()
    if child == 0:
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for fd in (0, 1, 2):
            os.dup2(slave, fd)
        os.closerange(3, 64)
        try:
            os.execvp(argv[0], argv)
        except OSError as error:
            os.write(2, f'{argv[0]}: {error.strerror}\r\n'.encode())
            os._exit(127)
    os.close(slave)
    tty.setraw(0)
    bell, ring = os.pipe()
    os.set_blocking(ring, False)
    signal.set_wakeup_fd(ring)
    signal.signal(signal.SIGWINCH, follow_size)
    for fd in (1, master):
        os.set_blocking(fd, False)
    to_screen, to_program, alive = b'', b'', True
    while alive or to_screen:
        read = [bell] + [0] * (alive and len(to_program) < ROOM) + [master] * (alive and len(to_screen) < ROOM)
        write = [1] * bool(to_screen) + [master] * bool(alive and to_program)
        readable, writable, _ = select.select(read, write, [])
        if bell in readable:
            os.read(bell, 64)
        if 0 in readable:
            data = os.read(0, ROOM)
            if not data:
                break                                   # the terminal is gone: closing our side hangs up the program
            note(b'i', data)
            to_program += data
        if master in readable:
            try:
                data = os.read(master, ROOM)
            except OSError:
                data = b''
            alive = bool(data)
            if data:
                note(b'o', data)
            to_screen += data
        if master in writable and alive:
            to_program = to_program[os.write(master, to_program):]
        if 1 in writable:
            to_screen = to_screen[os.write(1, to_screen):]
    os.close(master)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    note(b'x', str(status).encode())
    os.set_blocking(1, True)
    termios.tcsetattr(0, termios.TCSADRAIN, before)
    return status if status >= 0 else 128 - status


if __name__ == '__main__':
    if len(sys.argv) < 4 or sys.argv[2] != '--':
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[3:]))
