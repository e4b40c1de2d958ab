"""What a terminal's screen says, told from the bytes that were sent to it: text, not colours.

`Screen.feed` takes output as it comes, cut anywhere. It knows what ratatui, tmux and a shell send; pictures are only
noted, as events. It never answers: the real terminal does that.
"""
import codecs
import hashlib
import re
import unicodedata

PLACEHOLDER = '\U0010EEEE'
HALF_BLOCK = '\u2580'
TOKEN = re.compile(r'(?P<text>[^\x00-\x1f\x7f]+)|\x1b\[(?P<pre>[<=>?]?)(?P<nums>[\d;:]*)(?P<inter>[ -/]*)(?P<final>[@-~])'
                   r'|\x1b(?P<string>[P_\]^X])|\x1b(?P<charset>[ -/]+[0-~])|\x1b(?P<esc>[0-OQ-WYZ\\`-~])|(?P<control>[\x00-\x1a\x1c-\x1f\x7f])')
SIXEL = re.compile(r'[\d;]*q')
STRING_END = re.compile('\x1b\\\\|\x07')
EDGES, RIGHT, BELOW = '┌├┬┼╭┏┣┳╋', '┐┤╮┬┼┓┫┳╋', '└├╰┴┼┗┣┻╋'     # of a pane: its first corner, what ends its title, its sides
# modes that a program must have switched off again when it leaves
MODES = {9: 'mouse', 1000: 'mouse', 1002: 'mouse', 1003: 'mouse', 1004: 'focus events', 1006: 'mouse', 1049: 'alternate screen',
         2004: 'bracketed paste', 2026: 'synchronized output', 2031: 'colour scheme reports', 2048: 'size reports', 5522: 'paste events'}


def width(char):
    if char < '\u0300':
        return 1
    if char == PLACEHOLDER:
        return 1
    if unicodedata.category(char) in ('Mn', 'Me', 'Cf'):
        return 0
    return 2 if unicodedata.east_asian_width(char) in 'WF' else 1


class Screen:
    def __init__(self, cols, rows):
        self.decode = codecs.getincrementaldecoder('utf-8')('replace').decode
        self.cols, self.rows = cols, rows
        self.rest = ''                  # a sequence that is still open
        self.seen = 0                   # how much of it has been searched for its end
        self.main = self.grid = self.blank()
        self.x = self.y = 0
        self.wrap = False
        self.saved = (0, 0)
        self.top, self.bottom = 0, rows - 1
        self.modes = set()
        self.cursor = True
        self.keyboard = 0               # kitty keyboard flags pushed and not popped
        self.pictures = []              # kitty pictures sent: (keys, digest)
        self.placed = {}                # kitty ids and placements of them that are now shown
        self.painted = None             # how pixels were last painted into cells
        self.sending = None
        self.cache = None

    def blank(self):
        return [[' '] * self.cols for _ in range(self.rows)]

    def resize(self, cols, rows):
        for grid in (self.main, self.grid):
            for row in grid:
                del row[cols:]
                row.extend(' ' * (cols - len(row)))
            if len(grid) > rows:
                gone = min(len(grid) - rows, max(0, self.y + 1 - rows)) if grid is self.grid else 0
                del grid[:gone]
                del grid[rows:]
                self.y -= gone if grid is self.grid else 0
            while len(grid) < rows:
                grid.append([' '] * cols)
        self.cols, self.rows, self.cache = cols, rows, None
        self.x, self.y = min(self.x, cols - 1), max(0, min(self.y, rows - 1))
        self.top, self.bottom = 0, rows - 1

    # ---------------------------------------------------------------- reading the screen
    def text(self):
        if self.cache is None:
            self.cache = '\n'.join(''.join(row).rstrip() for row in self.grid)
        return self.cache

    def pane(self, name):
        """The pane whose border carries `name`: (its title line, [its lines], (col, row, cols, rows) of its inside) or None."""
        for r, row in enumerate(self.grid):
            line = ''.join((c or '\0')[0] for c in row)         # one character a cell
            found = re.search('[%s][─━ ]*%s\\b' % (EDGES, re.escape(name)), line)
            if found:
                left = found.start()
                right = next((c for c in range(found.end(), self.cols) if row[c] in RIGHT), self.cols)
                bottom = next((b for b in range(r + 1, self.rows) if self.grid[b][left] in BELOW), self.rows)
                lines = [''.join(self.grid[y][left + 1:right]).strip() for y in range(r + 1, bottom)]
                return ''.join(row[left:right + 1]), lines, (left + 1, r + 1, right - left - 1, bottom - r - 1)
        return None

    def protocol(self):
        """How the picture on the screen is shown."""
        marks = self.text().count
        if marks(PLACEHOLDER) > 8:
            return 'kitty placeholders'
        if self.placed:
            return 'kitty placement'
        if self.painted:
            return self.painted
        return 'half blocks' if marks(HALF_BLOCK) > 40 else 'none'

    def left_on(self):
        """What a program that has ended left switched on."""
        left = sorted({MODES[m] for m in self.modes if m in MODES})
        return left + ['hidden cursor'] * (not self.cursor) + ['keyboard flags'] * (self.keyboard > 0) + ['pictures'] * bool(self.placed)

    # ---------------------------------------------------------------- the bytes
    def feed(self, data):
        text = self.rest + self.decode(data)
        self.cache = None
        i, end = 0, len(text)
        while i < end:
            token = TOKEN.match(text, i)
            if not token:                                       # an escape sequence that is not whole, or not one
                if text[i] == '\x1b' and end - i < 64:
                    break
                i += 1
                continue
            kind = token.lastgroup
            if kind == 'string':
                close = STRING_END.search(text, max(token.end(), i + self.seen))
                while close and close.group() == '\x07' and token['string'] != ']':
                    close = STRING_END.search(text, close.end())
                if not close:
                    self.seen = max(0, end - i - 1)
                    break
                self.seen = 0
                if token['string'] == '_' and text.startswith('G', token.end()):
                    self.kitty(text[token.end() + 1:close.start()])
                elif token['string'] == 'P' and SIXEL.match(text, token.end()):
                    self.painted = 'sixel'
                elif token['string'] == ']':
                    self.osc(text[token.end():close.start()])
                i = close.end()
                continue
            i = token.end()
            if kind == 'text':
                self.put(token.group())
            elif kind == 'final':
                self.csi(token['pre'] + token['inter'] + token['final'], token['nums'])
            elif kind == 'control':
                self.control(token.group())
            elif kind == 'esc':
                self.escape(token['esc'])
        self.rest = text[i:]

    def put(self, text):
        row = self.grid[self.y]
        for char in text:
            wide = 1 if ' ' <= char <= '~' else width(char)
            if wide == 0:
                at = self.x if self.wrap else self.x - 1
                if at >= 0:
                    row[at] += char
                continue
            if self.wrap or self.x + wide > self.cols:
                self.x, self.wrap = 0, False
                self.line_feed()
                row = self.grid[self.y]
            row[self.x] = char
            if wide == 2 and self.x + 1 < self.cols:
                row[self.x + 1] = ''
            self.x += wide
            if self.x >= self.cols:
                self.x, self.wrap = self.cols - 1, True

    def line_feed(self):
        if self.y == self.bottom:
            self.scroll(1)
        elif self.y < self.rows - 1:
            self.y += 1

    def scroll(self, n, top=None):
        """Move the lines of the region up by n (down when negative)."""
        top = self.top if top is None else top
        for _ in range(min(abs(n), self.bottom - top + 1)):
            self.grid.pop(top if n > 0 else self.bottom)
            self.grid.insert(self.bottom if n > 0 else top, [' '] * self.cols)

    def control(self, char):
        if char == '\r':
            self.x, self.wrap = 0, False
        elif char in '\n\x0b\x0c':
            self.line_feed()
        elif char == '\b':
            self.x, self.wrap = max(0, self.x - 1), False
        elif char == '\t':
            self.x = min(self.cols - 1, (self.x // 8 + 1) * 8)

    def escape(self, char):
        if char == '7':
            self.saved = (self.x, self.y)
        elif char == '8':
            self.go(*self.saved)
        elif char == 'D':
            self.line_feed()
        elif char == 'E':
            self.x = 0
            self.line_feed()
        elif char == 'M':
            if self.y == self.top:
                self.scroll(-1)
            else:
                self.y = max(0, self.y - 1)
        elif char == 'c':
            self.__init__(self.cols, self.rows)

    def go(self, x, y):
        self.x, self.y, self.wrap = max(0, min(x, self.cols - 1)), max(0, min(y, self.rows - 1)), False

    def csi(self, key, nums):
        if key == 'm':
            return
        given = [int(n.split(':')[0] or 0) for n in nums.split(';')] if nums else []
        first = given[0] if given else 0
        n = first or 1
        second = given[1] if len(given) > 1 and given[1] else 1
        row = self.grid[self.y]
        if key in ('H', 'f'):
            self.go(second - 1, n - 1)
        elif key in 'ABCDEFG`ade':
            self.go({'C': self.x + n, 'a': self.x + n, 'D': self.x - n, 'E': 0, 'F': 0, 'G': n - 1, '`': n - 1}.get(key, self.x),
                    {'A': self.y - n, 'F': self.y - n, 'B': self.y + n, 'e': self.y + n, 'E': self.y + n, 'd': n - 1}.get(key, self.y))
        elif key == 'J':
            whole = {0: range(self.y + 1, self.rows), 1: range(self.y), 2: range(self.rows)}.get(first, ())
            for y in whole:
                self.grid[y][:] = [' '] * self.cols
            if first in (0, 1):
                self.csi('K', str(first))
        elif key == 'K':
            a, z = {0: (self.x, self.cols), 1: (0, self.x + 1)}.get(first, (0, self.cols))
            row[a:z] = [' '] * (z - a)
        elif key == 'X':
            z = min(self.cols, self.x + n)
            row[self.x:z] = [' '] * (z - self.x)
        elif key == '@':
            row[self.x:self.x] = [' '] * n
            del row[self.cols:]
        elif key == 'P':
            del row[self.x:self.x + n]
            row.extend(' ' * (self.cols - len(row)))
        elif key in 'LM':
            if self.top <= self.y <= self.bottom:
                self.scroll(n if key == 'M' else -n, self.y)
        elif key in 'ST':
            self.scroll(n if key == 'S' else -n)
        elif key == 'b':
            self.put((row[self.x - 1] if self.x else ' ')[:1] * min(n, self.cols))
        elif key == 'r':
            self.top, self.bottom = n - 1, min(self.rows, (given[1:] or [0])[0] or self.rows) - 1
            self.go(0, 0)
        elif key == 's':
            self.saved = (self.x, self.y)
        elif key == 'u':
            self.go(*self.saved)
        elif key in ('?h', '?l'):
            for mode in given:
                self.set_mode(mode, key == '?h')
        elif key == '>u':
            self.keyboard += 1
        elif key == '<u':
            self.keyboard = max(0, self.keyboard - n)

    def set_mode(self, mode, on):
        if mode == 25:
            self.cursor = on
            return
        (self.modes.add if on else self.modes.discard)(mode)
        if mode in (47, 1047, 1049) and on == (self.grid is self.main):
            if on:
                self.saved_main = (self.x, self.y)
                self.grid = self.blank()
            else:
                self.grid = self.main
                self.painted = None
                self.go(*self.saved_main)

    def osc(self, body):
        """Titles, questions and the like are not seen."""
        if body.startswith(('1337;File=', '1337;FileEnd')):
            self.painted = 'iTerm2'

    def kitty(self, body):
        """One graphics command; the chunks of a picture are joined."""
        control, _, payload = body.partition(';')
        keys = dict(pair.partition('=')[::2] for pair in control.split(','))
        if self.sending is None:
            self.sending = (keys, hashlib.sha1())
        first, digest = self.sending
        digest.update(payload.encode())
        if keys.get('m') == '1':
            return
        self.sending = None
        action, number = first.get('a', 't'), first.get('i', '0')
        if action in 'tT':
            self.pictures.append((first, digest.hexdigest()))
        if action in 'Tp' and first.get('U') != '1':
            self.placed[number, first.get('p', '0')] = True
        elif action == 'd':
            if first.get('d', 'a') in 'aA':
                self.placed.clear()
            else:
                for placed in list(self.placed):
                    if placed[0] == number and first.get('p', placed[1]) == placed[1]:
                        del self.placed[placed]
