"""A screen that answers as kitty 0.48 does, and knows which picture's placeholders each cell carries and which it has whole."""
import base64
import struct

from rig.screen import PLACEHOLDER, Screen


class Kitty(Screen):
    def __init__(self, cols, rows, cell):
        self.cell, self.replies = cell, []
        self.across = {}                # pixels across of each picture that is here whole, by its number
        self.numbers = {}               # the picture's number in each cell that has a placeholder
        self.colour = 0
        self.head = b''
        super().__init__(cols, rows)

    def picture_at(self, col, row):
        return self.across.get(self.number_at(col, row), 0)

    def number_at(self, col, row):
        is_there = self.grid[row][col].startswith(PLACEHOLDER)
        return self.numbers.get((col, row), 0) if is_there else 0

    def number_in(self, pane):
        """The number of the picture in the middle of a pane."""
        found = self.pane(pane)
        if not found:
            return 0
        col, row, cols, rows = found[2]
        return self.number_at(col + cols // 2, row + rows // 2)

    def put(self, text):
        if PLACEHOLDER not in text:
            return super().put(text)
        for piece in text.split(PLACEHOLDER)[:1]:
            super().put(piece)
        for marks in text.split(PLACEHOLDER)[1:]:
            super().put(PLACEHOLDER)
            self.numbers[self.x if self.wrap else self.x - 1, self.y] = self.colour
            super().put(marks)
        return None

    def csi(self, key, nums):
        width, height = self.cell
        answers = {
            '>q': '\x1bP>|kitty(0.48.2)\x1b\\', 'c': '\x1b[?62;52;c', '?u': '\x1b[?5u',
            '?$p': f'\x1b[?{nums};2$y', 'n': '\x1b[0n' if nums == '5' else '\x1b[%d;%dR' % (self.y + 1, self.x + 1),
            't': {'14': f'\x1b[4;{self.rows * height};{self.cols * width}t', '16': f'\x1b[6;{height};{width}t'}.get(nums, ''),
        }
        if key == 'm':
            self.paint(nums)
        elif key in answers:
            self.replies.append(answers[key].encode())
        else:
            super().csi(key, nums)

    def paint(self, nums):
        given = [int(n or 0) for n in nums.replace(':', ';').split(';')]
        while given:
            first = given.pop(0)
            if first in (0, 39) or 30 <= first <= 37 or 90 <= first <= 97:
                self.colour = 0
            elif first in (38, 48, 58) and given:
                count = 1 if given.pop(0) == 5 else 3
                if first == 38:
                    self.colour = given[0] if count == 1 and given else 0
                del given[:count]

    def osc(self, body):
        if body.startswith('11;?'):
            self.replies.append(b'\x1b]11;rgb:0000/0000/0000\x1b\\')

    def kitty(self, body):
        control, _, payload = body.partition(';')
        keys = dict(pair.partition('=')[::2] for pair in control.split(','))
        if keys.get('a') == 'q':
            self.replies.append(b'\x1b_Gi=%s;OK\x1b\\' % keys.get('i', '0').encode())
            return
        if self.sending is None:
            self.head = base64.b64decode(payload[:64] + '=' * (-len(payload[:64]) % 4))
        first = self.sending[0] if self.sending else keys
        super().kitty(body)
        if self.sending is None and first.get('a', 't') in 'tT':
            across = struct.unpack('>I', self.head[16:20])[0] if first.get('f') == '100' else int(first.get('s', '0'))
            self.across[int(first.get('i', '0'))] = across
        elif first.get('a') == 'd' and first.get('d') == 'I':
            self.across.pop(int(first.get('i', '0')), None)
