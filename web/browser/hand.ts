import { expect, type Locator, type Page } from '@playwright/test';

/*
 * Every flow by the keyboard alone: in the project « keyboard » what a test clicks, checks and fills is reached by Tab
 * and arrows, and pressed as somebody without a mouse does. What has the focus on the way must be seen to have it.
 */

/** The presses after which something counts as out of reach. */
const patience = 150;

/** Has all locators of this worker go by the keyboard. Workers belong to one project each. */
export function byKeyboardAlone(page: Page): void {
  const locators = Object.getPrototypeOf(page.locator('html')) as Pick<Locator, 'click' | 'fill' | 'check'>;
  locators.click = async function (this: Locator) {
    await reach(this);
    await this.page().keyboard.press('Enter');
  };
  locators.fill = async function (this: Locator, text: string) {
    await reach(this);
    await this.page().keyboard.press('Control+a');
    await this.page().keyboard.insertText(text);
  };
  locators.check = async function (this: Locator) {
    await reach(this); // arrows choose a radio as they reach it
    if (!(await this.isChecked())) await this.page().keyboard.press('Space');
    await expect(this).toBeChecked();
  };
}

/** Goes on by Tab, and by arrows within what is one stop, until something has the focus. */
export async function reach(target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let presses = 0; presses < patience; presses++) {
    const step = await target.evaluate(nextKey);
    if (step === '') {
      expect(await target.evaluate(isDrawn), 'the focus is seen').toBe(true);
      return;
    }
    await target.page().keyboard.press(step);
  }
  throw new Error(`${String(target)} is not reached by the keyboard`);
}

/** The key that brings nearer: none where the focus is there already. */
function nextKey(target: Element): string {
  const at = document.activeElement;
  if (at === target) return '';
  const sameStop =
    (target.role === 'tab' && at?.parentElement === target.parentElement) ||
    (target instanceof HTMLInputElement && at instanceof HTMLInputElement && target.type === 'radio' && at.name === target.name && at.type === 'radio') ||
    (target.role === 'menuitem' && at?.role === 'menuitem');
  if (!sameStop) return 'Tab';
  return target.role === 'tab' ? 'ArrowRight' : 'ArrowDown';
}

/** Whether an outline, or a border of the box around a choice, is drawn about what has the focus. */
function isDrawn(target: Element): boolean {
  for (let element: Element | null = target; element; element = element.parentElement) {
    const style = getComputedStyle(element);
    if (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) return true;
    if (element !== target && !element.matches(':focus-within')) return false;
  }
  return false;
}
