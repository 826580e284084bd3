// hand.mjs: a person's hand on a page. Every tap and every character is counted as the person would
// count them: a field is tapped before it is typed into, unless it has the focus; a choice of a list
// is two taps; a picture is one. Scrolling is counted in screens.
export class Hand {
  constructor(page) {
    this.page = page;
    this.taps = this.typed = 0;
    this.screens = 0;
    this.from = Date.now();
  }

  get seconds() {
    return (Date.now() - this.from) / 1000;
  }

  toString() {
    const rest = `${this.screens.toFixed(1)} screens scrolled, ${this.seconds.toFixed(1)} s`;
    return `${this.taps} taps, ${this.typed} characters, ${rest}`;
  }

  at(where) {
    return typeof where === 'string' ? this.page.locator(where).first() : where.first();
  }

  // Bring it into view as a thumb would, and remember how far that was.
  async see(where) {
    const y = () => this.page.evaluate(() => window.scrollY);
    const from = await y();
    await this.at(where).scrollIntoViewIfNeeded();
    this.screens += Math.abs(await y() - from) / this.page.viewportSize().height;
  }

  // A link or a button that sends leads to another page: it has been reached when this returns.
  async tap(where) {
    await this.see(where);
    const leads = await this.at(where).evaluate((n) => {
      const at = n.closest('a[href], button');
      return Boolean(at) && !at.matches('[href^="#"], [type=button], [data-tab], [data-add-row], [data-mark]');
    });
    this.taps++;
    if (!leads) return this.at(where).click();
    const there = this.page.waitForEvent('framenavigated', { timeout: 15000 });
    await this.at(where).click();
    await there;
    await this.page.waitForLoadState();
  }

  async type(where, text) {
    const has = await this.at(where).evaluate((n) => n === document.activeElement);
    if (!has) await this.tap(where);
    await this.page.keyboard.insertText(text);
    this.typed += [...text].length;
  }

  async key(name) {
    await this.page.keyboard.press(name);
    this.typed++;
    await this.page.waitForLoadState();
  }

  async file(where, path) {
    await this.at(where).setInputFiles(path);
    this.taps++;
  }

  async choose(where, option) {
    await this.see(where);
    await this.at(where).selectOption(option);
    this.taps += 2;
  }
}
