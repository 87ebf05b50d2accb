import type { Need } from "../runner/case.ts";
import type { CaseFile, Condition, Selector, Step } from "./case-file.ts";
import { isAll, isAny, nameOf } from "./condition.ts";
import { LEDGER_MEASURES } from "./measures/ledger-measures.ts";
import { MEASURES } from "./measures/index.ts";
import type { Problem } from "./problem.ts";
import { fieldsOf } from "./selector.ts";
import { list } from "./scene.ts";
import { allSteps, definitionOf, kindOf, stepsWithin } from "./steps/index.ts";

type Path = Problem["path"];

/**
 * What the schema cannot see: names that no earlier step has given, needs that are not declared, faults
 * that are never seen, kills by invariants that the case does not demand.
 */
export function caseProblems(file: CaseFile, id: string): Problem[] {
  const check = new Check(file);
  if (file.id !== id) check.wrong(["id"], `${file.id} is in the file of ${id}`);
  check.steps(file.steps ?? [], ["steps"]);
  check.faults();
  const asks = [...allSteps(file.steps ?? [])].some((step) => "ask" in step || "draw" in step);
  if (!asks && (file.clauses ?? []).length === 0) check.wrong([], "clauses: which does it test?");
  for (const [mutant, { fails }] of Object.entries(file.kills ?? {})) {
    for (const invariant of fails.filter((one) => !file.invariants.includes(one))) {
      const path = ["kills", mutant];
      check.wrong(path, `${invariant} must fail, but is not among the case's invariants`);
    }
  }
  return check.problems;
}

class Check {
  readonly problems: Problem[] = [];
  readonly #needs: ReadonlySet<Need>;
  readonly #marks = new Set<string>();
  /** Holds and remembered handlers. */
  readonly #handlers = new Set<string>();
  readonly #holds = new Set<string>();
  readonly #partitions = new Set<string>(["all"]);
  readonly #wires = new Set<string>();
  readonly #brokers = new Set<string>(["coordinator"]);
  readonly #faults = new Map<string, { readonly path: Path; observed: boolean; healed: boolean }>();

  constructor({ needs = [] }: CaseFile) {
    this.#needs = new Set(needs);
  }

  wrong(path: Path, message: string): void {
    this.problems.push({ path, message });
  }

  /** Names count from where they are given; within `together`, in the order of the file. */
  steps(steps: readonly Step[], path: Path): void {
    steps.forEach((step, i) => {
      const at = [...path, i];
      this.#step(step, at);
      const kind = kindOf(step);
      stepsWithin(step).forEach((within, j) => {
        this.steps(within, kind === "together" ? [...at, kind, j] : [...at, kind]);
      });
    });
  }

  faults(): void {
    for (const [name, { path, observed, healed }] of this.#faults) {
      if (!observed) this.wrong(path, `no step says how "${name}" is observed`);
      if (!healed) this.wrong(path, `no step says when "${name}" is healed`);
    }
  }

  #step(step: Step, path: Path): void {
    for (const need of definitionOf(step).needs ?? []) this.#need(need, path);
    if ("hold" in step) {
      this.#selector(step.hold, path);
      if (step.as !== undefined) this.#holds.add(step.as);
      if (step.as !== undefined) this.#handlers.add(step.as);
    }
    if ("release" in step) {
      for (const name of list(step.release)) {
        this.#known(name, new Set([...this.#holds, ...this.#wires]), "hold or wire", path);
      }
    }
    if ("handle" in step) this.#selector(step.handle, path);
    if ("finish" in step) this.#selector(step.finish, path);
    if ("mark" in step) this.#marks.add(step.mark);
    if ("wire" in step) this.#wires.add(step.wire);
    if ("broker" in step) {
      const { broker, which, as } = step;
      const chosen = which === "coordinator" || typeof which === "object";
      if (chosen && (broker === "kill" || broker === "term")) this.#need("failover", path);
      if (broker === "fill disk") this.#need("diskFull", path);
      if (typeof which === "string") this.#known(which, this.#brokers, "named broker", path);
      if (as !== undefined) this.#brokers.add(as);
    }
    if ("remember" in step) {
      const { remember, handlers, partitions } = step;
      if (handlers !== undefined) {
        this.#selector(handlers.held, path);
        this.#handlers.add(remember);
      }
      if (partitions !== undefined) {
        this.#need("proxy", path);
        this.#since(partitions.since, path);
        this.#partitions.add(remember);
      }
    }
    if ("until" in step) this.#condition(step.until, [...path, "until"], step.onlyWith);
    if ("guard" in step) this.#condition(step.guard, [...path, "guard"]);
    if ("repeat" in step && step.while !== undefined) {
      this.#condition(step.while, [...path, "while"]);
    }
    this.#fault(step, path);
  }

  #fault(step: Step, path: Path): void {
    if ("inject" in step) {
      if (this.#faults.has(step.inject)) this.wrong(path, `"${step.inject}" is injected twice`);
      this.#faults.set(step.inject, { path, observed: false, healed: false });
    }
    if ("observed" in step) {
      this.#condition(step.when, [...path, "when"]);
      const fault = this.#known(step.observed, this.#faults, "injected fault", path);
      if (fault) (this.#faults.get(step.observed) as { observed: boolean }).observed = true;
    }
    if ("healed" in step) {
      const fault = this.#known(step.healed, this.#faults, "injected fault", path);
      if (fault) (this.#faults.get(step.healed) as { healed: boolean }).healed = true;
    }
  }

  /** @param granted a need that the step does without where the cluster has it not */
  #condition(condition: Condition, path: Path, granted?: Need): void {
    if (isAll(condition)) {
      return condition.all.forEach((one, i) => this.#condition(one, [...path, "all", i], granted));
    }
    if (isAny(condition)) {
      return condition.any.forEach((one, i) => this.#condition(one, [...path, "any", i], granted));
    }
    const name = nameOf(condition);
    const { since, inEach, equals, atLeast, atMost } = condition;
    this.#since(since, path);
    if (name === "passed") return;
    const measure = MEASURES[name];
    for (const need of measure?.needs ?? []) if (need !== granted) this.#need(need, path);
    if (since !== undefined && measure?.since === undefined) {
      this.wrong(path, `${name} is of now: \`since\` means nothing for it`);
    }
    if (since === undefined && measure?.since === "must") {
      this.wrong(path, `${name} wants to know since when: name a mark`);
    }
    if (inEach !== undefined) {
      this.#known(inEach, this.#partitions, "remembered partitions", path);
      if (measure?.inPartition === undefined) {
        this.wrong(path, `${name} is not told by partitions: \`inEach\` means nothing for it`);
      }
    }
    const text = [equals, atLeast, atMost].some((bound) => typeof bound === "string");
    if (
      text !== (measure?.unit === "ms") &&
      [equals, atLeast, atMost].some((b) => b !== undefined)
    ) {
      this.wrong(
        path,
        text ? `${name} is no time` : `${name} is a time: compare it with one, as "3 s"`,
      );
    }
    const of = condition[name];
    if (Object.hasOwn(LEDGER_MEASURES, name)) this.#selector(of as Selector, path);
    if (name === "acted") this.#known(String(of), this.#wires, "wire", path);
  }

  #selector(selector: Selector, path: Path): void {
    const { of, partition, not } = fieldsOf(selector);
    if (of !== undefined) this.#known(of, this.#handlers, "hold or remembered handlers", path);
    if (typeof partition === "string") {
      this.#known(partition, this.#partitions, "remembered partitions", path);
    }
    if (not !== undefined) this.#selector(not, path);
  }

  #since(mark: string | undefined, path: Path): void {
    if (mark !== undefined) this.#known(mark, this.#marks, "mark", path);
  }

  #known(
    name: string,
    names: { has(name: string): boolean; keys(): Iterable<string> },
    what: string,
    path: Path,
  ): boolean {
    if (names.has(name)) return true;
    const there = [...names.keys()].join(", ");
    this.wrong(
      path,
      `no ${what} "${name}" before this step; there ${there === "" ? "is none" : `are: ${there}`}`,
    );
    return false;
  }

  #need(need: Need, path: Path): void {
    if (!this.#needs.has(need))
      this.wrong(path, `this needs ${need}: add it to the case's \`needs\``);
  }
}
