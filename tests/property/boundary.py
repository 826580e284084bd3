CASES = []


def short(c, lines):
    return lines
