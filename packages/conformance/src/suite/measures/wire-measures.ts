import type { CommitRequestEvent } from "@sluice/checker";
import type { WireCommit } from "../../runner/wire-view.ts";
import type { Blame, Names } from "../case-file.ts";
import { contains, sayNumbers } from "../number-set.ts";
import { known, list, sayNames } from "../scene.ts";
import type { Scene } from "../scene.ts";
import type { CommitsOf, Measures } from "./measure.ts";

interface WireMeasures {
  readonly heartbeats: Names;
  readonly heartbeatEvery: Names;
  readonly fetches: Names;
  readonly fetchedBytes: Names;
  readonly fetchedPartitions: Names;
  readonly leaves: Names;
  readonly generations: Names;
  readonly assigned: Names;
  readonly shared: Names;
  readonly givingUp: Names;
  readonly commits: CommitsOf | Names;
  readonly commitRequests: CommitsOf | Names;
  readonly refusedCommits: CommitsOf | Names;
  readonly lostCommits: Names;
  readonly deadLetters: Names;
  readonly acted: string;
  readonly connections: Names;
}

/** What the proxy has seen pass, or has done itself. */
export const WIRE_MEASURES: Measures<WireMeasures> = {
  heartbeats: {
    needs: ["proxy"],
    since: "may",
    say: (of) => `heartbeats of ${sayNames(of)} answered`,
    read: (scene, of, since) => sum(of, (member) => scene.run.wire.heartbeats(member, since)),
    blame: blindness,
  },
  heartbeatEvery: {
    needs: ["proxy"],
    since: "must",
    unit: "ms",
    say: (of) => `between answered heartbeats of ${sayNames(of)}, on average`,
    read: (scene, of, since) =>
      (scene.run.now - since) / sum(of, (member) => scene.run.wire.heartbeats(member, since)),
    blame: blindness,
  },
  fetches: {
    needs: ["proxy"],
    since: "may",
    say: (of) => `fetches of ${sayNames(of)} answered`,
    read: (scene, of, since) => sum(of, (member) => scene.run.wire.fetches(member, since)),
    blame: blindness,
  },
  fetchedBytes: {
    needs: ["proxy"],
    since: "may",
    say: (of) => `bytes fetched by ${sayNames(of)}`,
    read: ({ run }, of, since) => {
      const members = new Set(list(of));
      return run.history.events.reduce(
        (bytes, e) =>
          e.type === "fetched" && e.t >= since && members.has(e.member) ? bytes + e.bytes : bytes,
        0,
      );
    },
    blame: blindness,
  },
  fetchedPartitions: {
    needs: ["proxy"],
    say: (of) => `partitions fetched by ${sayNames(of)}`,
    read: ({ run }, of) => sum(of, (member) => run.wire.fetchedPartitions(member, run.topic)),
    blame: blindness,
  },
  leaves: {
    needs: ["proxy"],
    since: "may",
    say: (of) => `times that ${sayNames(of)} left the group`,
    read: (scene, of, since) => sum(of, (member) => scene.run.wire.leaves(member, since)),
    blame: blindness,
  },
  generations: {
    needs: ["proxy"],
    since: "must",
    say: (of) => `new generations of ${sayNames(of)}`,
    read: (scene, of, since) => newGenerations(scene, list(of), since),
    blame: blindness,
  },
  assigned: {
    needs: ["proxy"],
    since: "may",
    say: (of) => `partitions in the newest assignment of ${sayNames(of)}`,
    read: (scene, of, since) => sum(of, (member) => assignedSince(scene, member, since).length),
    blame: blindness,
  },
  shared: {
    needs: ["proxy"],
    say: (of) => `partitions shared evenly by ${sayNames(of)}`,
    read: (scene, of) => shared(scene, of),
    blame: blindness,
  },
  givingUp: {
    needs: ["proxy"],
    since: "may",
    say: (of) => `signs that ${sayNames(of)} gives partitions up`,
    read: (scene, of, since) => sum(of, (member) => givingUp(scene, member, since)),
  },
  commits: {
    needs: ["proxy"],
    since: "may",
    say: (of) => `commits${sayCommits(of)} accepted`,
    read: (scene, of, since) =>
      commitsOf(scene, of, since).filter(({ accepted }) => accepted === true).length,
    inPartition: (of, partition) => ({ ...asCommits(of), partition }),
    blame: (scene, of) => blindness(scene, asCommits(of).member),
  },
  commitRequests: {
    needs: ["proxy"],
    since: "may",
    say: (of) => `commits${sayCommits(of)} sent`,
    read: (scene, of, since) => commitsOf(scene, of, since).length,
    inPartition: (of, partition) => ({ ...asCommits(of), partition }),
    blame: (scene, of) => blindness(scene, asCommits(of).member),
  },
  refusedCommits: {
    needs: ["proxy"],
    since: "may",
    say: (of) => `commits${sayCommits(of)} refused`,
    read: (scene, of, since) =>
      commitsOf(scene, of, since).filter(({ accepted }) => accepted === false).length,
    inPartition: (of, partition) => ({ ...asCommits(of), partition }),
    blame: (scene, of) => blindness(scene, asCommits(of).member),
  },
  lostCommits: {
    needs: ["proxy", "commitLog"],
    since: "may",
    say: (of) => `commits of ${sayNames(of)} in the log whose answers never arrived`,
    read: (scene, of, since) => lostCommits(scene, of, since),
    blame: () => "environment",
  },
  deadLetters: {
    needs: ["proxy"],
    since: "may",
    say: (of) => `dead letters of ${sayNames(of)} acknowledged`,
    read: (scene, of, since) => {
      const members = new Set(list(of));
      return scene.run.wire.diverts.filter(({ member, t }) => members.has(member) && t >= since)
        .length;
    },
    blame: blindness,
  },
  acted: {
    needs: ["proxy"],
    say: (wire) => `frames of "${wire}" that the proxy has acted on`,
    read: (scene, wire) => known(scene.wires, wire, "wire").acted,
    blame: () => "environment",
  },
  connections: {
    needs: ["proxy"],
    say: (of) => `connections of ${sayNames(of)}`,
    read: (scene, of) => sum(of, (member) => scene.run.connectionsOf(member)),
  },
};

/** If the proxy has not seen a member at all, it is the witness that is blind. */
function blindness(scene: Scene, of: Names): Blame {
  return list(of).every((member) => scene.run.wire.seen(member)) ? "subject" : "environment";
}

function sum(of: Names, count: (member: string) => number): number {
  return list(of).reduce((total, member) => total + count(member), 0);
}

/** A generation that several have seen is one. */
function newGenerations({ run }: Scene, members: readonly string[], since: number): number {
  const assignments = members.map((member) => run.wire.assignments(member));
  const before = new Set(assignments.map((own) => own.findLast(({ t }) => t < since)?.generation));
  const after = assignments
    .flat()
    .filter(({ t, generation }) => t >= since && !before.has(generation));
  return new Set(after.map(({ generation }) => generation)).size;
}

/** Partitions of the topic in the member's newest assignment, if it is newer than `since`. */
export function assignedSince({ run }: Scene, member: string, since: number): readonly number[] {
  const latest = run.wire.assignments(member).at(-1);
  return latest === undefined || latest.t < since ? [] : run.wire.assigned(member, run.topic);
}

/**
 * 0 while a member has none, two have the same, or one has two more than another. The last is how a group
 * looks that is still on its way: m0 has 0, 1 and 2, m1 3 and 4, m2 5, and 2 is about to move to m2.
 */
function shared({ run }: Scene, of: Names): number {
  const parts = list(of).map((member) => run.wire.assigned(member, run.topic));
  const sizes = parts.map(({ length }) => length);
  const least = Math.min(...sizes);
  const all = parts.flat();
  const settled = least > 0 && Math.max(...sizes) <= least + 1;
  return settled && new Set(all).size === all.length ? all.length : 0;
}

/** The member joins anew, or says that it is revoking. */
function givingUp({ run }: Scene, member: string, since: number): number {
  const said = run.history.events.filter(
    (e) => e.type === "claim" && e.member === member && e.claim === "revoking" && e.t >= since,
  );
  return run.wire.joins(member, since) + said.length;
}

function asCommits(of: CommitsOf | Names): CommitsOf {
  return typeof of === "string" || !("member" in of) ? { member: of } : of;
}

function sayCommits(of: CommitsOf | Names): string {
  const { member, partition, beyond } = asCommits(of);
  const where = partition === undefined ? "" : ` for partition ${sayNumbers(partition)}`;
  return ` of ${sayNames(member)}${where}${beyond === undefined ? "" : ` beyond offset ${beyond}`}`;
}

function commitsOf({ run }: Scene, of: CommitsOf | Names, since: number): WireCommit[] {
  const { member, partition, beyond = -1 } = asCommits(of);
  return list(member)
    .flatMap((name) => run.wire.commitsOf(name, since))
    .filter(({ request }) =>
      request.offsets.some(
        (entry) =>
          entry.topic === run.topic &&
          Number(entry.offset) > beyond &&
          (partition === undefined || contains(partition, entry.partition)),
      ),
    );
}

function lostCommits({ run }: Scene, of: Names, since: number): number {
  const members = new Set(list(of));
  const { events } = run.history;
  const lost = new Set(
    events.flatMap((e) => (e.type === "commit-answer" && !e.forwarded ? [e.id] : [])),
  );
  return events
    .filter(
      (e): e is CommitRequestEvent =>
        e.type === "commit-request" && members.has(e.member) && e.t >= since && lost.has(e.id),
    )
    .filter(({ offsets }) =>
      offsets.every(({ partition, offset }) =>
        events.some(
          (e) => e.type === "committed" && e.partition === partition && e.offset === offset,
        ),
      ),
    ).length;
}
