import type { RunReport, SubjectInfo } from "../run-report.ts";
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";

/** What was run, on what, with whom. */
export function about({ header, footer, interrupted }: RunReport): Markup {
  const { cluster } = header;
  const ended =
    interrupted === true
      ? `${header.startedAt}, cut short`
      : `${header.startedAt} to ${footer.finishedAt}, exit code ${footer.exitCode}`;
  const entries: (readonly [string, Markup])[] = [
    ["Run", ended],
    ["Kafka", `${cluster.kafkaVersion}, cluster ${cluster.kind}: ${cluster.reason}`],
    ["Machine", `${header.os}, Node ${header.node}`],
    ["Seed", header.seed],
    ["Arguments", markup`<code>${header.commandLine || "none"}</code>`],
    ["Suite", `${header.runner}, specification ${header.spec}`],
  ];
  return markup`<dl class="facts">
      ${entries.map(
        ([name, value]) =>
          markup`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
    <h3>Subjects</h3>
    ${subjects(header.subjects)}`;
}

function subjects(all: readonly SubjectInfo[]): Markup {
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="Subjects">
    <table class="plain">
      <thead>
        <tr>
          <th scope="col">Subject</th>
          <th scope="col">Client</th>
          <th scope="col">Runtime</th>
          <th scope="col">Declares</th>
        </tr>
      </thead>
      <tbody>
        ${all.map(
          ({ id, name, version, language, runtime, client, capabilities }) =>
            markup`<tr>
              <th scope="row">
                <span class="id">${id}</span> <span class="muted">${name} ${version}</span>
              </th>
              <td>${client.name} ${client.version}</td>
              <td>${language}, ${runtime}</td>
              <td>${capabilities ? declared(capabilities) : "nothing: it never answered"}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function declared(capabilities: NonNullable<SubjectInfo["capabilities"]>): string {
  const yes = (name: string, has: boolean): string => (has ? name : `no ${name}`);
  const { headers, vectors } = capabilities;
  const answers = `vectors ${vectors.join(", ") || "none"}`;
  if (capabilities.groupProtocol.length === 0) return `no groups; ${answers}`;
  return [
    `groups ${capabilities.groupProtocol.join(", ")}`,
    `rebalance ${capabilities.rebalance.join(", ")}`,
    `ordering ${capabilities.ordering.join(", ")}`,
    yes("dead letters", capabilities.dlq),
    yes("graceful stop", capabilities.graceful),
    yes("header order", headers.order),
    yes("empty headers", headers.empty),
    yes("null headers", headers.null),
    answers,
  ].join("; ");
}
