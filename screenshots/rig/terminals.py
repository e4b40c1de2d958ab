"""The terminals' command lines, and foot's own little compositor: it is no X client.

A terminal's command is what the command that runs in it is appended to.
"""
import glob
import json
import os
import time

FONT, POINTS = 'DejaVu Sans Mono', 11

KITTY = {
    'font_family': FONT, 'font_size': POINTS, 'remember_window_size': 'no', 'window_padding_width': 0, 'update_check_interval': 0,
    'enable_audio_bell': 'no', 'confirm_os_window_close': 0, 'shell_integration': 'disabled', 'cursor_blink_interval': 0,
    'placement_strategy': 'top-left', 'linux_display_server': 'x11'}
# Konsole has no switch that hides its toolbars, only a saved window state
KONSOLE_STATE = (
    'AAAA/wAAAAD9AAAAAQAAAAAAAAAAAAAAAPwCAAAAAvsAAAAiAFEAdQBpAGMAawBDAG8AbQBtAGEAbgBkAHMARABvAGMAawAAAAAA/////wAAAS4A////'
    '+wAAABwAUwBTAEgATQBhAG4AYQBnAGUAcgBEAG8AYwBrAAAAAAD/////AAAA3gD///8AAAMzAAABsAAAAAQAAAAEAAAACAAAAAj8AAAAAQAAAAIAAAAC'
    'AAAAFgBtAGEAaQBuAFQAbwBvAGwAQgBhAHIAAAAAAP////8AAAAAAAAAAAAAABwAcwBlAHMAcwBpAG8AbgBUAG8AbwBsAGIAYQByAAAAAJf/////AAAA'
    'AAAAAAA=')
KONSOLE_PROFILE = '''[Appearance]
Font=%s,%g,-1,5,50,0,0,0,0,0
ColorScheme=Linux
[General]
Name=shots
Parent=FALLBACK/
TerminalColumns=%d
TerminalRows=%d
TerminalMargin=0
[Scrolling]
ScrollBarPosition=2
[Terminal Features]
BlinkingCursorEnabled=false
'''
KONSOLE_RC = '''[Desktop Entry]
DefaultProfile=shots.profile
[KonsoleWindow]
RememberWindowSize=false
ShowMenuBarByDefault=false
[MainWindow]
MenuBar=Disabled
State=%s
ToolBarsMovable=Disabled
StatusBar=Disabled
[MainWindow][Toolbar sessionToolbar]
Hidden=true
[MainWindow][Toolbar mainToolBar]
Hidden=true
[TabBar]
TabBarVisibility=AlwaysHideTabBar
''' % KONSOLE_STATE
MLTERM = '''type_engine = xft
fontsize = %d
encoding = UTF-8
use_scrollbar = false
bg_color = black
fg_color = #e5e5e5
termtype = mlterm-256color
bel_mode = none
cursor_blink_mode = false
col_size_of_width_a = 1
'''
FOOT = '''font=%s:size=%g
dpi-aware=no
initial-window-size-chars=%dx%d
pad=0x0
[csd]
preferred=none
[cursor]
blink=no
'''
SWAY = '''output * bg #303030 solid_color
output X11-1 mode --custom %dx%d
output X11-1 position 0 0
default_border none
default_floating_border none
focus_follows_mouse no
seat * hide_cursor 0
for_window [app_id=".*"] floating enable, border none, move absolute position 0 0
xwayland disable
'''
NOBODY = 65534


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w') as file:
        file.write(text)


def command(term, home, cols, rows):
    """The terminal at this size; its settings go below `home`."""
    size = (cols, rows)
    if term == 'kitty':
        options = dict(KITTY, initial_window_width='%dc' % cols, initial_window_height='%dc' % rows)
        return ['kitty', '--config', 'NONE'] + [part for pair in options.items() for part in ('-o', '%s=%s' % pair)]
    if term in ('xterm', 'xterm-sixel'):
        plain = ['xterm', '-geometry', '%dx%d+0+0' % size, '-fa', FONT, '-fs', str(POINTS), '-bg', 'black', '-fg', 'grey90', '+sb']
        sixel = ['-ti', 'vt340', '-xrm', '*maxGraphicSize:2000x2000', '-xrm', '*numColorRegisters:256']
        return plain + sixel * (term == 'xterm-sixel') + ['-e']
    if term == 'konsole':
        write(home + '/.local/share/konsole/shots.profile', KONSOLE_PROFILE % ((FONT, POINTS) + size))
        write(home + '/.config/konsolerc', KONSOLE_RC)
        return ['dbus-run-session', '--', 'konsole', '--nofork', '--hide-menubar', '--hide-tabbar', '--profile', 'shots',
                '-p', 'TerminalColumns=%d' % cols, '-p', 'TerminalRows=%d' % rows, '-e']
    if term == 'mlterm':
        write(home + '/.mlterm/aafont', f'DEFAULT = {FONT}\nISO10646_UCS4_1 = {FONT}\n')
        write(home + '/.mlterm/main', MLTERM % round(POINTS * 96 / 72))
        return ['mlterm', '--geometry', '%dx%d+0+0' % size, '-e']
    if term == 'foot':
        write(home + '/foot.ini', FOOT % ((FONT, POINTS) + size))
        return ['foot', '--config', home + '/foot.ini']
    raise ValueError('unknown terminal ' + term)


class Sway:
    """A compositor in a window of the X server, so that foot can be typed into and photographed like the others."""

    def __init__(self, stage, width, height):
        self.stage, self.dir = stage, stage.dir + '/sway'
        os.makedirs(self.dir, mode=0o700)
        write(stage.dir + '/sway.conf', SWAY % (width, height))
        drop = []
        if os.geteuid() == 0:                                   # it refuses to run as root
            os.chmod(stage.dir, 0o711)
            os.chown(self.dir, NOBODY, NOBODY)
            drop = ['setpriv', f'--reuid={NOBODY}', f'--regid={NOBODY}', '--clear-groups']
        env = dict(HOME=self.dir, XDG_RUNTIME_DIR=self.dir, XDG_CONFIG_HOME=self.dir, XDG_CACHE_HOME=self.dir, WLR_BACKENDS='x11',
                   WLR_RENDERER='pixman', WLR_X11_OUTPUTS='1', WLR_LIBINPUT_NO_DEVICES='1')
        stage.spawn(['env', *('%s=%s' % pair for pair in env.items()), *drop, 'sway', '--unsupported-gpu', '-c', stage.dir + '/sway.conf'])
        stage.until(lambda: self.socket('sway-ipc.*.sock') and self.socket('wayland-?'), 'the compositor')
        time.sleep(0.4)                                         # its output is still being set up
        stage.env['WAYLAND_DISPLAY'] = self.socket('wayland-?')

    def socket(self, pattern):
        return next(iter(glob.glob(f'{self.dir}/{pattern}')), None)

    def message(self, *words):
        return self.stage.output('swaymsg', '-s', self.socket('sway-ipc.*.sock'), *words)

    def window(self):
        try:
            nodes = [json.loads(self.message('-t', 'get_tree', '-r'))]
        except ValueError:
            return None
        while nodes:
            node = nodes.pop()
            if node.get('app_id') == 'foot':
                return ('foot',) + tuple(node['rect'][side] for side in ('x', 'y', 'width', 'height'))
            nodes += node.get('nodes', []) + node.get('floating_nodes', [])
        return None

    def resize(self, width, height):
        self.message(f'[app_id="foot"] resize set width {width} px height {height} px, move absolute position 0 0')
