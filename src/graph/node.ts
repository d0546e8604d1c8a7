// The handle: what an author holds for a node while defining a contract. Its value exists only in the types until a run computes it.

/** Carries the type of a node's value; no property of this name exists at run time. */
export declare const value: unique symbol;

/** A declared node. `T` is the value it will hold in a run. */
export interface Node<out T> {
  readonly name: string;
  readonly kind: string;
  readonly [value]: T;
}

/** Nodes by the local names a callback reads them under. */
export type Needs = Readonly<Record<string, Node<unknown>>>;

/** Flattens a mapped type so that editors show its members and not its recipe. */
export type Simplify<T> = { [K in keyof T]: T[K] } & {};

/** The values behind a record of handles. */
export type Values<N extends Needs> = { readonly [K in keyof N]: N[K][typeof value] } & {};

/** What an inline definition gives: the value of one handle, or the values of a record of them. */
export type Given<R> = R extends Node<unknown> ? R[typeof value] : R extends Needs ? Values<R> : never;

export type MaybePromise<T> = T | Promise<T>;
