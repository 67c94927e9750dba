import type { JSX } from "preact";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { useCopying } from "../../ui/use_copying.ts";
import type { UserId } from "../../../shared/ids.ts";
import { LevelBar } from "../LevelBar.tsx";
import { RingCard } from "../RingCard.tsx";
import { TrackVideo } from "../TrackVideo.tsx";
import { CheckRow } from "./CheckRow.tsx";
import { describeFindings } from "./describe_findings.ts";
import type { CheckName } from "./describe_findings.ts";
import type { DoctorModel, DoctorTest } from "./doctor_model.ts";
import { writeReport } from "./doctor_report.ts";
import type { RingTest } from "./ring_test.ts";
import { TEST_CALLER } from "./ring_test.ts";

const TEST_OF: Readonly<Partial<Record<CheckName, DoctorTest>>> = {
  microphone: "microphone",
  camera: "camera",
  stun: "servers",
  relay: "servers",
  call: "paths",
};

/** Tests that people start one by one. */
const ASKED: ReadonlySet<CheckName> = new Set(["speaker", "ring"]);

/** Tests microphone, camera, speaker and network, and says in one sentence what is wrong. */
export function Doctor({ model }: { model: DoctorModel }): JSX.Element {
  const findings = model.findings.value;
  const running = model.running.value;
  const verdict = model.verdict.value;
  const isBusy = running.size > 0;
  const hasStarted = isBusy || findings.microphone !== null;
  return (
    <section class="doctor" aria-label="Call doctor">
      <Verdict level={isBusy && verdict.level !== "bad" ? "open" : verdict.level}>
        {hasStarted || verdict.level === "bad"
          ? verdict.sentence
          : "Tests microphone, camera, speaker and network in half a minute."}
      </Verdict>
      <div class="doctor-actions">
        <Button kind="primary" isBusy={isBusy} onClick={() => void model.start()}>
          {isBusy ? "Testing …" : hasStarted ? "Test again" : "Start the tests"}
        </Button>
        {hasStarted ? <CopyReport model={model} /> : null}
      </div>
      <ul class="cards">
        {describeFindings(findings).map((check) => {
          const test = TEST_OF[check.name];
          const isRunning = test !== undefined && running.has(test);
          return (
            <CheckRow
              key={check.name}
              check={check}
              isRunning={isRunning}
              action={actionOf(check.name, model)}
            >
              {isRunning || ASKED.has(check.name) ? progressOf(check.name, model) : undefined}
            </CheckRow>
          );
        })}
      </ul>
      {model.ring.stage.value === "ringing"
        ? (
          <div class="ring-cards">
            <RingCard
              by={TEST_CALLER_ID}
              name={TEST_CALLER}
              roomName={null}
              hasVideo={false}
              isQuiet={false}
              onAccept={() => model.ring.answer()}
              onDecline={() => model.ring.answer()}
            />
          </div>
        )
        : null}
    </section>
  );
}

/** Of nobody; it gives the face its colour. */
const TEST_CALLER_ID = "call-doctor" as UserId;

const VERDICT_ICONS = { bad: "circleAlert", warn: "triangleAlert", good: "circleCheck" } as const;

function Verdict({ level, children }: { level: "bad" | "warn" | "good" | "open"; children: string }) {
  return (
    <p class={`doctor-verdict is-${level}`} role="status">
      {level === "open" ? null : <Icon name={VERDICT_ICONS[level]} />}
      <span>{children}</span>
    </p>
  );
}

function CopyReport({ model }: { model: DoctorModel }): JSX.Element {
  const report = writeReport(model.findings.value, { now: Date.now(), userAgent: navigator.userAgent });
  const { isCopied, copy } = useCopying(report);
  return (
    <>
      <Button icon={isCopied ? "check" : "copy"} onClick={copy}>
        {isCopied ? "Copied" : "Copy as text"}
      </Button>
      <span class="visually-hidden" role="status">{isCopied ? "Copied" : ""}</span>
    </>
  );
}

function progressOf(name: CheckName, model: DoctorModel): JSX.Element | undefined {
  switch (name) {
    case "microphone":
      return (
        <>
          <small>Say something.</small>
          <LevelBar level={model.level} isOn />
        </>
      );
    case "camera":
      return <Preview track={model.picture.value} />;
    case "ring":
      return model.ring.stage.value === "waiting"
        ? <small>It rings in three seconds, also while you look at another tab.</small>
        : undefined;
    case "speaker":
      return isSpeakerAsked(model) ? <small>Did you hear it?</small> : undefined;
    default:
      return undefined;
  }
}

function actionOf(name: CheckName, model: DoctorModel): JSX.Element | null {
  const { notifications } = model.findings.value;
  switch (name) {
    case "speaker":
      return <SpeakerAction model={model} />;
    case "ring":
      return <RingAction ring={model.ring} />;
    case "notifications":
      return notifications !== "default"
        ? null
        : <Button onClick={() => void model.askForNotifications()}>Allow</Button>;
    default:
      return null;
  }
}

/** Whether the tone has ended, and nobody has said yet whether they heard it. */
function isSpeakerAsked({ hasPlayed, isPlaying, findings }: DoctorModel): boolean {
  return hasPlayed.value && !isPlaying.value && findings.value.speaker === null;
}

function SpeakerAction({ model }: { model: DoctorModel }): JSX.Element {
  const isPlaying = model.isPlaying.value;
  if (!isSpeakerAsked(model)) {
    return (
      <Button isBusy={isPlaying} onClick={() => void model.playTone()}>
        {isPlaying ? "Playing …" : model.hasPlayed.value ? "Play again" : "Play a tone"}
      </Button>
    );
  }
  return (
    <div class="check-question" role="group" aria-label="Did you hear it?">
      <Button onClick={() => model.answer(true)}>Yes</Button>
      <Button onClick={() => model.answer(false)}>No</Button>
    </div>
  );
}

function RingAction({ ring }: { ring: RingTest }): JSX.Element {
  const isBusy = ring.stage.value !== "none";
  return (
    <Button isBusy={isBusy} onClick={() => void ring.start()}>
      {ring.stage.value === "ringing" ? "Ringing …" : isBusy ? "In a moment …" : "Ring me"}
    </Button>
  );
}

function Preview({ track }: { track: MediaStreamTrack | null }): JSX.Element {
  return (
    <div class="check-picture">
      {track === null ? null : <TrackVideo track={track} label="Picture of your camera" isMirrored />}
    </div>
  );
}
