"""How to tell from tintype's screen what it is doing. The one place that knows its words."""
import re

BUSY = r'\b(sending|asking|connecting|waiting|thinking|developing|receiving|saving)\b'
OPEN_FIRST_SESSION = ('ctrl+s', 'Return')


def status(screen):
    return '\n'.join(screen.text().rstrip().split('\n')[-2:])     # inside tmux the last line is tmux's


def shell(screen):
    return not screen.pane('Prompt') and re.search(r'^\$ *$', screen.text(), re.M)


def stopped(screen):
    return not screen.pane('Prompt') and 'Stopped' in screen.text()


def ready(screen):
    return screen.pane('Prompt')


def prompt(text):
    """`text` has arrived in the editor."""
    return lambda screen: screen.pane('Prompt') and text in ' '.join(screen.pane('Prompt')[1])


def thinking(screen):
    return re.search(BUSY, status(screen)) and screen.pane('Thoughts') and any(screen.pane('Thoughts')[1])


def rows(screen):
    """(how many rows of a picture that is arriving are painted, of how many), or None."""
    found = re.search(r'row (\d+) of (\d+)', status(screen))
    return found and screen.protocol() != 'none' and (int(found[1]), int(found[2]))


def developing(share):
    def seen(screen):
        found = rows(screen)
        return found and found[0] > share * found[1]
    return seen


def finished(turn):
    """Picture shows turn number `turn`, whole, and nothing is running."""
    def seen(screen):
        picture = screen.pane('Picture')
        return (picture and re.search(r'#%d\b.*\d+×\d+' % turn, picture[0]) and not re.search(BUSY, status(screen))
                and screen.protocol() != 'none')
    return seen


def listed(words):
    return lambda screen: screen.pane('Sessions') and words in ' '.join(screen.pane('Sessions')[1])


def history(*prompts):
    """The tree has these prompts, numbered from 1."""
    def seen(screen):
        pane = screen.pane('History')
        return pane and all(re.search(r'\b%d %s' % (n, re.escape(p[:8])), '\n'.join(pane[1])) for n, p in enumerate(prompts, 1))
    return seen


def help_open(screen):
    return screen.pane('Help') or screen.pane('Keys')


def thoughts(screen):
    """The letters and digits of what Thoughts shows, line by line, without what is set around them."""
    pane = screen.pane('Thoughts')
    return [plain(line) for line in pane[1] if plain(line)] if pane else []


def plain(text):
    return re.sub(r'[\W_]+', '', text).lower()
