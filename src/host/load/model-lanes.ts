// The lanes of models: one for each account at an API, shared by the providers that use it, and one for each model of an account, with its breaker. What they are limited to
// comes from the options; what their state does to calls is the business of `model-call.ts`.

import { toMilliseconds } from "../../graph/duration.ts";
import type { ModelProvider } from "../../model/model.ts";
import type { Clock } from "../clock.ts";
import { Breaker, type BreakerPolicy } from "./breaker.ts";
import { Lane, type LaneLimits } from "./lane.ts";
import { type BreakerOptions, DEFAULT_LIMITS, type LimitOptions, type ModelLimits } from "./limit-options.ts";
import type { LaneLoad } from "./load.ts";

/** What a call to a model goes through, in this order. */
export interface LanesOfModel {
  readonly model: Lane;
  readonly provider: Lane;
  readonly breaker: Breaker;
  /** Those that wait for the model, whatever they wait for: sent away when the breaker opens. */
  readonly waiting: Set<WaitingCall>;
}

/** A call that waits. */
export interface WaitingCall {
  /** Another model can be asked instead. */
  readonly hasOther: boolean;
  readonly stop: (error: Error) => void;
}

/** All lanes of models. Made when they are first used, or asked for. */
export class ModelLanes {
  readonly #options: LimitOptions;
  readonly #providers: readonly ModelProvider[];
  readonly #clock: Clock;
  readonly #byAccount = new Map<string, Lane>();
  readonly #byModel = new Map<string, LanesOfModel>();

  constructor(options: LimitOptions, providers: readonly ModelProvider[], clock: Clock) {
    this.#options = options;
    this.#providers = providers;
    this.#clock = clock;
  }

  /** The lanes of a model. */
  of(provider: ModelProvider, model: string): LanesOfModel {
    const account = accountOf(provider);
    const key = `${account}\n${model}`;
    const known = this.#byModel.get(key);
    if (known !== undefined) return known;
    const ids = this.#sharing(provider, account);
    const limits = strictest(ids.map((id) => this.#options.models?.[`${id}:${model}`] ?? {}));
    const made = {
      model: new Lane("model", ids.map((id) => `${id}:${model}`).join(" + "), limits, this.#clock),
      provider: this.#ofAccount(account, ids),
      breaker: new Breaker(this.#policy(ids, model)),
      waiting: new Set<WaitingCall>(),
    };
    this.#byModel.set(key, made);
    return made;
  }

  /** How many nodes may work with a model at once, by the name of what they compete for: `anthropic:claude-opus-5-5`, or the provider alone. */
  attempts(name: string): number {
    const { models, perResource = DEFAULT_LIMITS.perResource } = this.#options;
    return models?.[name]?.concurrency ?? models?.[name.split(":", 1)[0] ?? ""]?.concurrency ?? perResource;
  }

  /** How they all stand, those that are limited and were not used yet included. */
  load(): readonly LaneLoad[] {
    for (const name of Object.keys(this.#options.models ?? {})) {
      const [id, model] = name.split(/:(.*)/s);
      const provider = this.#providers.find((each) => each.id === id);
      if (provider === undefined) continue;
      if (model !== undefined) this.of(provider, model);
      else this.#ofAccount(accountOf(provider), this.#sharing(provider, accountOf(provider)));
    }
    return [
      ...[...this.#byAccount.values()].map((lane) => lane.load()),
      ...[...this.#byModel.values()].map(({ model, breaker }) => ({
        ...model.load(),
        breaker: { state: breaker.state, faults: breaker.faults, until: breaker.until ?? null },
      })),
    ];
  }

  #ofAccount(account: string, ids: readonly string[]): Lane {
    const known = this.#byAccount.get(account);
    if (known !== undefined) return known;
    const { concurrency = this.#options.perResource ?? DEFAULT_LIMITS.perResource, ...limits } = strictest(
      ids.map((id) => this.#options.models?.[id] ?? {}),
    );
    const lane = new Lane("provider", ids.join(" + "), { concurrency, ...limits }, this.#clock);
    this.#byAccount.set(account, lane);
    return lane;
  }

  /** The providers that use an account, in the order in which the runtime was given them. */
  #sharing(provider: ModelProvider, account: string): readonly string[] {
    const ids = this.#providers.filter((each) => accountOf(each) === account).map(({ id }) => id);
    return ids.length === 0 ? [provider.id] : ids;
  }

  /** The most particular one that was given. */
  #policy(ids: readonly string[], model: string): BreakerPolicy {
    const { models, breaker } = this.#options;
    const given = [...ids.map((id) => models?.[`${id}:${model}`]?.breaker), ...ids.map((id) => models?.[id]?.breaker), breaker];
    return policyOf(given.find((each) => each !== undefined) ?? {});
  }
}

/** A key is known by its hash; without one, what a provider calls is its own. */
function accountOf(provider: ModelProvider): string {
  const account = provider.account?.();
  return account === undefined ? `provider ${provider.id}` : `account ${account}`;
}

function policyOf(breaker: BreakerOptions | false): BreakerPolicy {
  if (breaker === false) return { faults: Number.POSITIVE_INFINITY, openMs: 0 };
  const { faults = DEFAULT_LIMITS.faults, pause = DEFAULT_LIMITS.pauseMs } = breaker;
  return { faults, openMs: toMilliseconds(pause) ?? DEFAULT_LIMITS.pauseMs };
}

function strictest(all: readonly ModelLimits[]): LaneLimits {
  const lowest = (of: (limits: ModelLimits) => number | undefined) => {
    const given = all.map(of).filter((each) => each !== undefined);
    return given.length === 0 ? undefined : Math.min(...given);
  };
  return {
    concurrency: lowest(({ concurrency }) => concurrency),
    requestsPerMinute: lowest(({ requestsPerMinute }) => requestsPerMinute),
    tokensPerMinute: lowest(({ tokensPerMinute }) => tokensPerMinute),
  };
}
