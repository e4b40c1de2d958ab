"""The same six moments of a picture in every terminal and every way to it, on one sheet each, to be looked at.

What can be told without looking is told as well: the pane must be the same pixel by pixel after a popup as before it, and
after a suspension; when the program has left, no picture may be there.
"""
import os
import shutil
import subprocess
import tempfile

from rig import glass, tintype as see
from rig.stage import Missed, Stage

# a name, the terminal, and whether it is that of the newer Debian
TERMS = {'kitty': ('kitty', False), 'xterm': ('xterm-sixel', False), 'konsole': ('konsole', False), 'foot': ('foot', False),
         'mlterm': ('mlterm', False), 'kitty-0.48': ('kitty', True)}
WAYS = {'direct': '', 'ssh': 'ssh', 'tmux': 'tmux', 'ssh-tmux': 'ssh,tmux'}
SIZE, SMALLER = '120x40', (100, 32)
PROMPTS = ['a red fox in the snow at dusk', 'make it night', 'as a watercolour', 'a lighthouse', 'a city in the rain', 'a sailing boat']
FONT = '/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf'
PASSTHROUGH = 'set -g allow-passthrough on'


def library(program):
    """A home with a session of as many pictures as there are prompts."""
    home = tempfile.mkdtemp(prefix='tintype-matrix.')
    env = {'HOME': home, 'PATH': '/usr/bin:/bin'}
    for number, prompt in enumerate(PROMPTS):
        go_on = ['-c'] if number else []
        subprocess.run([program, '--demo', '--demo-speed', '0', 'generate', '-q', *go_on, prompt], env=env, check=True, stdout=subprocess.DEVNULL)
    return home


class Sheet:
    def __init__(self, name, out):
        self.name, self.out, self.said = name, out, []
        self.dir = tempfile.mkdtemp(prefix='tintype-sheet.')
        self.files, self.panes = [], {}

    def take(self, stage, moment):
        width, height, rgb = stage.settled()
        path = f'{self.dir}/{len(self.files)}.png'
        glass.write_png(path, width, height, rgb)
        self.files.append((f'{self.name}: {moment} ({stage.screen.protocol()})', path))
        if stage.screen.pane('Picture'):
            self.panes[moment] = stage.pixels('Picture')[2]

    def same(self, one, other):
        alike = glass.alike(self.panes[one], self.panes[other])
        if alike < 1:
            self.said.append('%s is not as %s: %.1f %% of the pane differs' % (other, one, 100 - 100 * alike))

    def write(self):
        if self.files:
            labels = [part for label, path in self.files for part in ('-label', label, path)]
            subprocess.run(['montage', *labels, '-font', FONT, '-tile', '3x', '-geometry', '532x>+1+1', '-background', '#303030', '-fill', 'white',
                            '-pointsize', '13', '-depth', '8', '+dither', '-colors', '200', f'PNG8:{self.out}/{self.name}.png'], check=True)
        shutil.rmtree(self.dir)


def is_empty(stage):
    """Whether the middle of the window, where a shell that has just begun has written nothing, is of one colour."""
    width, height, rgb = stage.settled()
    return glass.colours(glass.part(rgb, width, width // 3, height // 3, width // 3, height // 2)) == 1


def play(sheet, stage):
    last = len(PROMPTS)
    stage.type('tintype --demo')
    stage.key('Return')
    stage.wait(see.ready, 'the Prompt pane')
    stage.key(*see.OPEN_FIRST_SESSION)
    stage.wait(see.finished(last), 'the session')
    sheet.take(stage, 'a picture')
    stage.key('F1')
    stage.wait(see.help_open, 'the help')
    sheet.take(stage, 'a popup over it')
    stage.key('Escape')
    stage.wait(lambda screen: not see.help_open(screen), 'the end of the help')
    sheet.take(stage, 'the popup closed')
    sheet.same('a picture', 'the popup closed')
    stage.resize(*SMALLER)
    stage.wait(see.finished(last), 'the picture after the resize')
    sheet.take(stage, 'resized')
    stage.key('ctrl+s', 'Tab')
    stage.hold('k', 0.1 * last)
    stage.wait(see.finished(1), 'the first picture')
    sheet.take(stage, 'scrolled with a key held')
    stage.key('ctrl+z')
    stage.wait(see.stopped, 'the shell after Ctrl+Z')
    if not is_empty(stage):
        sheet.said.append('stopped, and there is still something on the glass')
    stage.type('fg')
    stage.key('Return')
    stage.wait(see.finished(1), 'the picture after fg')
    sheet.take(stage, 'after Ctrl+Z and fg')
    sheet.same('scrolled with a key held', 'after Ctrl+Z and fg')
    stage.key('ctrl+q')
    stage.wait(see.shell, 'the shell after Ctrl+Q')
    if not is_empty(stage):
        sheet.said.append('left, and there is still something on the glass')


def make(program, out, names, sid):
    """The sheets of these terminals and ways (all of them where none is named); how many went wrong."""
    unknown = [name for name in names if name not in TERMS and name not in WAYS]
    if unknown:
        raise SystemExit('make: neither a terminal nor a way: ' + ' '.join(unknown))
    os.makedirs(out, exist_ok=True)
    home, wrong = library(program), 0
    for term in [name for name in names if name in TERMS] or TERMS:
        kind, newer = TERMS[term]
        if newer and not sid:
            print(f'{term}: needs --sid', flush=True)
            continue
        for way in [name for name in names if name in WAYS] or WAYS:
            sheet = Sheet(f'{term}-{way}', out)
            try:
                with Stage(program, term=kind, size=SIZE, wrap=WAYS[way], tmux=PASSTHROUGH, sid=sid if newer else None) as stage:
                    shutil.copytree(home, stage.dir + '/home', dirs_exist_ok=True)
                    play(sheet, stage)
            except Missed as error:
                sheet.said.append(str(error))
            sheet.write()
            wrong += bool(sheet.said)
            print(f'{sheet.name}: ' + ('; '.join(sheet.said) or 'right'), flush=True)
    shutil.rmtree(home)
    return wrong
