import "../base.ts";

// What few people look at during a call, fetched when somebody does.
export { LiveFigures } from "../calls/doctor/LiveFigures.tsx";
export { SafetyCode } from "../calls/doctor/SafetyCode.tsx";
