"""One real terminal on an X server of its own, with the program's shell in it: type, wait for what is seen, take pictures.

    terminal -> relay -> [ssh ->] [tmux ->] shell -> tintype

The relay is next to the terminal, so its log is what the terminal was sent, after ssh and tmux had their say, and its
times are what a user would have measured. All that is started here is ended here, and lives in a folder that goes.
"""
import collections
import ctypes
import os
import pwd
import re
import select
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

from rig import glass
from rig.relay import frames
from rig.screen import Screen
from rig.terminals import Sway, command

HERE = os.path.dirname(os.path.realpath(__file__))
PYTHON = '/usr/bin/python3'
SSHD = '''Port %(port)d
ListenAddress 127.0.0.1
HostKey %(dir)s/host_key
AuthorizedKeysFile %(dir)s/user_key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
AcceptEnv LANG LC_*
PrintMotd no
PrintLastLog no
LogLevel ERROR
'''


class Missed(Exception):
    """What was waited for did not come."""


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class Stage:
    def __init__(self, program, term='kitty', size='120x40', wrap='', tmux='', sid=None):
        """`program` is what the shell will know as `tintype`; `wrap` is ssh, tmux, both with a comma (outermost first) or
        nothing; `tmux` is its configuration (none: tmux's defaults); `sid` a newer Debian from which terminal and tmux come."""
        self.term, self.wrap_names, self.tmux_conf, self.sid = term, [w for w in wrap.split(',') if w], tmux, sid
        self.cols, self.rows = map(int, size.split('x'))
        self.dir = tempfile.mkdtemp(prefix='tintype-shots.')
        self.job = os.path.basename(self.dir)
        self.children = []
        self.tmux_socket = None
        self.log = None
        self.queue = collections.deque()
        self.screen = Screen(self.cols, self.rows)
        self.now = 0.0                  # the time of the last piece that the screen has been fed
        self.enter = 0.0                # when Enter last reached the program's side
        self.size = None
        try:
            self.start(os.path.realpath(program))
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # ---------------------------------------------------------------- starting
    def start(self, program):
        for name in ('bin', 'home', 'terminal/.config', 'terminal/.local/share/konsole', 'runtime', 'fb'):
            os.makedirs(f'{self.dir}/{name}')
        os.chmod(self.dir + '/runtime', 0o700)
        os.symlink(program, self.dir + '/bin/tintype')
        # nothing of the caller's settings or keys comes along
        self.env = {
            'PATH': '/usr/local/bin:/usr/bin:/bin:/usr/sbin', 'LANG': 'C.UTF-8', 'SHELL': '/bin/bash', 'SHOTS_JOB': self.job,
            'USER': pwd.getpwuid(os.getuid()).pw_name, 'HOME': self.dir + '/terminal', 'XDG_RUNTIME_DIR': self.dir + '/runtime',
            'LIBGL_ALWAYS_SOFTWARE': '1', 'GALLIUM_DRIVER': 'llvmpipe', 'LP_NUM_THREADS': '1', 'NO_AT_BRIDGE': '1',
            'QT_QPA_PLATFORM': 'xcb', 'QT_QUICK_BACKEND': 'software', 'QT_LOGGING_RULES': '*=false'}
        room = self.cols * 12 + 60, self.rows * 24 + 80
        self.start_x(*room)
        self.sway = Sway(self, *room) if self.term == 'foot' else None
        self.room = room
        home, inputrc = self.dir + '/home', self.dir + '/inputrc'
        with open(inputrc, 'w') as file:
            file.write('set enable-bracketed-paste off\n')      # else the shell's own would look like one the program forgot
        shell = ['env', 'SHOTS_JOB=' + self.job, 'HOME=' + home, 'PATH=%s/bin:/usr/local/bin:/usr/bin:/bin' % self.dir, 'PS1=$ ',
                 'HISTFILE=', 'INPUTRC=' + inputrc, 'XDG_CONFIG_HOME=%s/.config' % home, 'XDG_DATA_HOME=%s/.local/share' % home,
                 'XDG_STATE_HOME=%s/.local/state' % home, 'XDG_CACHE_HOME=%s/.cache' % home, 'bash', '--noprofile', '--norc', '-i']
        self.shell_env = dict(part.split('=', 1) for part in shell[1:-4])
        log = self.dir + '/relay.log'
        terminal = command(self.term, self.dir + '/terminal', self.cols, self.rows)
        self.spawn(self.in_sid(terminal + self.out_of_sid([PYTHON, HERE + '/relay.py', log, '--'] + self.wrapped(shell))))
        self.until(lambda: os.path.exists(log) and self.window(), 'the window of ' + self.term)
        self.log = open(log, 'rb')
        self.wait(lambda _: self.size and self.size[:2] == (self.cols, self.rows), f'a size of {self.cols}x{self.rows} cells')
        window, x, y, _, _ = self.window()
        if (x or y) and not self.sway:
            self.xdo('windowmove', window, '0', '0')
        self.xdo('mousemove', str(room[0] - 10), str(room[1] - 10))
        self.wait(lambda screen: re.search(r'^\$ *$', screen.text(), re.M), 'the shell')

    def start_x(self, width, height):
        mine, theirs = os.pipe()
        self.spawn(['Xvfb', '-displayfd', str(theirs), '-screen', '0', f'{width}x{height}x24', '-fbdir', self.dir + '/fb', '-nolisten', 'tcp',
                    '-noreset', '+extension', 'GLX', '+render', '-dpi', '96'], pass_fds=[theirs])
        os.close(theirs)
        number = b''
        while not number.endswith(b'\n'):                       # it comes in two writes
            more = os.read(mine, 16) if select.select([mine], [], [], 15)[0] else b''
            if not more:
                raise Missed(f'Xvfb did not start\n{self.heard()}')
            number += more
        os.close(mine)
        self.env['DISPLAY'] = ':' + number.decode().strip()

    def wrapped(self, argv):
        for name in reversed(self.wrap_names):
            if name == 'ssh':
                argv = self.ssh() + ['exec ' + shlex.join(argv)]
            elif name == 'tmux':
                self.tmux_socket = self.dir + '/tmux.socket'
                with open(self.dir + '/tmux.conf', 'w') as file:
                    file.write(self.tmux_conf + '\n')
                argv = self.in_sid(['tmux', '-u', '-S', self.tmux_socket, '-f', self.dir + '/tmux.conf', 'new-session', '-n', 'tintype',
                                    shlex.join(self.out_of_sid(argv))])
            else:
                raise ValueError('unknown wrap ' + name)
        return argv

    def ssh(self):
        """An sshd of our own on a free port of the loopback, with keys made for it; returns the client's command.
        As between two machines, only LANG and LC_* go along: no COLORTERM, no TERM_PROGRAM."""
        for name in ('host_key', 'user_key'):
            subprocess.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', f'{self.dir}/{name}'], check=True)
        with socket.socket() as free:
            free.bind(('127.0.0.1', 0))
            port = free.getsockname()[1]
        with open(self.dir + '/sshd_config', 'w') as file:
            file.write(SSHD % {'port': port, 'dir': self.dir})
        if os.geteuid() == 0:
            os.makedirs('/run/sshd', exist_ok=True)
        self.spawn(['/usr/sbin/sshd', '-D', '-e', '-f', self.dir + '/sshd_config'])

        def listening():
            with socket.socket() as probe:
                return probe.connect_ex(('127.0.0.1', port)) == 0
        self.until(listening, 'sshd')
        return ['ssh', '-F', 'none', '-tt', '-q', '-p', str(port), '-i', self.dir + '/user_key', '-o', 'IdentitiesOnly=yes',
                '-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'SendEnv=LANG LC_*',
                self.env['USER'] + '@127.0.0.1']

    def in_sid(self, argv):
        if not self.sid:
            return argv
        mounts = '; '.join('mount --%s %s "%s%s"' % (how, what, os.path.realpath(self.sid), what)
                           for how, what in (('rbind', '/proc'), ('rbind', '/dev'), ('bind', '/tmp')))
        return ['unshare', '-m', 'sh', '-c', mounts + '; exec chroot "$@"', 'sh', os.path.realpath(self.sid)] + argv

    def out_of_sid(self, argv):
        return ['nsenter', '-t', str(os.getpid()), '-m', '--'] + argv if self.sid else argv

    # ---------------------------------------------------------------- processes
    def spawn(self, argv, **more):
        with open(self.dir + '/stage.log', 'ab') as log:
            try:
                child = subprocess.Popen(argv, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                         start_new_session=True, preexec_fn=die_with_parent, **more)
            except FileNotFoundError:
                raise Missed(f'{argv[0]} is not installed; screenshots/make sees to that') from None
        self.children.append(child)

    def heard(self):
        """The end of what X server, terminal and sshd had to say."""
        with open(self.dir + '/stage.log', errors='replace') as log:
            return log.read()[-1000:].rstrip()

    def xdo(self, *argv):
        return self.output('xdotool', *argv)

    def output(self, *argv):
        return subprocess.run(self.in_sid(list(argv)) if argv[0] == 'swaymsg' else argv, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout

    def until(self, true, what, limit=30):
        end = time.monotonic() + limit
        while not true():
            if time.monotonic() > end or any(child.poll() for child in self.children):
                raise Missed(f'{what} did not come\n{self.heard()}')
            time.sleep(0.03)

    def descendants(self):
        """Processes that carry this stage's mark: those that tmux and sshd put into the background too."""
        mark, found = ('SHOTS_JOB=' + self.job).encode(), []
        for name in os.listdir('/proc'):
            try:
                if name.isdigit() and int(name) != os.getpid() and mark in open(f'/proc/{name}/environ', 'rb').read().split(b'\0'):
                    found.append(int(name))
            except OSError:
                pass
        return found

    def close(self):
        for child in reversed(self.children):
            child.terminate()
        for sign in (signal.SIGTERM, signal.SIGKILL):
            for pid in self.descendants():
                try:
                    os.kill(pid, sign)
                except ProcessLookupError:
                    pass
            end = time.monotonic() + 2
            while self.descendants() and time.monotonic() < end:
                time.sleep(0.05)
        for child in self.children:
            child.kill()
            child.wait()
        if self.log:
            self.log.close()
        shutil.rmtree(self.dir, ignore_errors=True)

    # ---------------------------------------------------------------- seeing
    def step(self):
        """Feed the screen the next piece of the log; False when there is none yet."""
        if not self.queue:
            self.queue.extend(frames(self.log))
        if not self.queue:
            return False
        kind, self.now, data = self.queue.popleft()
        if kind == 'o':
            self.screen.feed(data)
        elif kind == 'i' and re.search(rb'\r|\x1b\[13(;[\d:]*)*u', data):
            self.enter = self.now
        elif kind == 'w':
            rows, cols, width, height = struct.unpack('4H', data)
            self.size = (cols, rows, width, height)
            self.screen.resize(cols, rows)
        return True

    def wait(self, seen, what, limit=30):
        """Until `seen(screen)` is true, looking after every single piece of output; returns the time of that piece."""
        end = time.monotonic() + limit
        while not seen(self.screen):
            while not self.step():
                if time.monotonic() > end or self.children[-1].poll() is not None:
                    raise Missed(f'waited {limit:g} s for: {what}\n--- the screen says\n{self.screen.text().rstrip()}\n---\n'
                                 + self.heard())
                time.sleep(0.005)
        return self.now

    def catch_up(self):
        while self.step():
            pass

    def window(self):
        """(id, x, y, width, height) of the terminal's window: the largest there is."""
        if self.sway:
            return self.sway.window()
        found = []
        for window in self.xdo('search', '--onlyvisible', '--name', '.*').split():
            shape = dict(re.findall(r'(\w+)=(-?\d+)', self.xdo('getwindowgeometry', '--shell', window)))
            if shape and int(shape['WIDTH']) < self.room[0] and int(shape['HEIGHT']) > 40:
                found.append((window,) + tuple(int(shape[k]) for k in ('X', 'Y', 'WIDTH', 'HEIGHT')))
        return max(found, key=lambda w: w[3] * w[4], default=None)

    def pixels(self, pane=None):
        """(width, height, RGB) of the window, or of the inside of a pane, as it is on the glass now."""
        _, x, y, width, height = self.window()
        rgb = glass.read(self.dir + '/fb/Xvfb_screen0', x, y, width, height)
        if pane is None:
            return width, height, rgb
        found = self.screen.pane(pane)
        if not found:
            raise Missed(f'no pane {pane} on the screen')
        cell_w, cell_h = width // self.cols, height // self.rows
        left, top = (width - cell_w * self.cols) // 2, (height - cell_h * self.rows) // 2
        col, row, cols, rows = found[2]
        return (cols * cell_w, rows * cell_h,
                glass.part(rgb, width, left + col * cell_w, top + row * cell_h, cols * cell_w, rows * cell_h))

    def settled(self, pane=None, limit=8):
        """The pixels, once they are still: a terminal paints some time after it has read. A picture that has been sent
        must have been painted too."""
        self.catch_up()
        end, still, last = time.monotonic() + limit, 0, None
        while still < 3 and time.monotonic() < end:
            if self.sid:                                        # kitty 0.48 paints a new picture only with its next frame
                subprocess.run(['xrefresh'], env=self.env)
            time.sleep(0.15)
            self.catch_up()
            shot = self.pixels(pane)
            painted = self.screen.protocol() == 'none' or not self.screen.pane('Picture') or glass.colours(self.pixels('Picture')[2]) > 300
            still = still + 1 if shot == last and painted else 0
            last = shot
        return last

    # ---------------------------------------------------------------- doing
    def focus(self):
        if not self.sway:
            return self.xdo('windowfocus', self.window()[0])
        windows = self.xdo('search', '--onlyvisible', '--name', '.*').split()
        return self.xdo('windowfocus', windows[-1])

    def type(self, text):
        self.focus()
        self.xdo('type', '--delay', '20', '--', text)

    def key(self, *names):
        self.focus()
        self.xdo('key', '--delay', '40', *names)

    def hold(self, name, seconds):
        """As a keyboard repeats: 30 times a second."""
        self.focus()
        self.xdo('key', '--delay', '33', *[name] * round(seconds * 30))

    def resize(self, cols, rows):
        window, _, _, width, height = self.window()
        width += (cols - self.cols) * (width // self.cols)
        height += (rows - self.rows) * (height // self.rows)
        self.cols, self.rows = cols, rows
        if self.sway:
            self.sway.resize(width, height)
        else:
            self.xdo('windowsize', window, str(width), str(height))
        self.wait(lambda _: self.size and self.size[:2] == (cols, rows), f'a size of {cols}x{rows} cells')

    def shot(self, path, moving=False):
        width, height, rgb = self.pixels() if moving else self.settled()
        glass.write_png(path, width, height, rgb)
