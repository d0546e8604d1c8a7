// A command that a signal stopped between two steps.

/** Says what there is now, and how to go on. */
export class Stopped extends Error {
  readonly fix: string;

  constructor(message: string, fix: string) {
    super(message);
    this.name = "Interrupted";
    this.fix = fix;
  }
}
