import { DE } from "../../../shared/status/words_de.ts";
import { EN } from "../../../shared/status/words_en.ts";
import { ES } from "../../../shared/status/words_es.ts";
import { FR } from "../../../shared/status/words_fr.ts";
import { KNOWN_TEXTS } from "./known_texts.ts";
import type { Language } from "../../../shared/status/language.ts";
import type { LiveWords } from "../../../shared/status/live_words.ts";

/** Words of the page in one language. A text that is missing does not compile. */
export interface PageWords {
  readonly live: LiveWords;
  readonly now: string;
  readonly parts: string;
  readonly past: string;
  readonly noPast: string;
  readonly rightNow: string;
  readonly deliveredHalf: string;
  readonly deliveredMost: string;
  readonly deliveredDay: (least: number, most: number) => string;
  readonly online: string;
  readonly messagesToday: string;
  readonly fewerThan5: string;
  readonly daysAgo: (count: number) => string;
  readonly today: string;
  readonly notMeasured: string;
  readonly notChecked: string;
  readonly lastKnownState: (time: string) => string;
  /** In place of a figure of now. */
  readonly noFigure: string;
  readonly measured: (percent: string, share: number) => string;
  readonly inFigures: string;
  readonly history: string;
  /** The copy on another machine. */
  readonly mirror: string;
  readonly newest: string;
  readonly ofMonth: (month: string) => string;
  readonly none: string;
  /** While storage does not answer. */
  readonly notRead: string;
  readonly uptimeByDay: string;
  readonly day: string;
  readonly incident: string;
  readonly maintenance: string;
  readonly rule: string;
  readonly subscribe: string;
  readonly eachUpdate: string;
  readonly calendar: string;
  readonly planned: string;
  readonly pasteInSlack: string;
  readonly forPrograms: string;
  readonly events: string;
  readonly text: string;
  /** Before the title of a page that is too old. */
  readonly oldTitle: string;
  /** Before a state that is no longer known. */
  readonly lastKnown: string;
  /** `{time}` and `{state}` are filled in by the page's script. */
  readonly oldLine: string;
  /** For a path that leads nowhere. */
  readonly missing: string;
  readonly missingLine: string;
  readonly toStatus: string;
}

const WORDS: Readonly<Record<Language, PageWords>> = {
  en: {
    live: EN,
    now: "Now",
    parts: "Parts",
    past: "Past incidents",
    noPast: "No incident so far.",
    rightNow: "Right now",
    deliveredHalf: "message delivered, half of all",
    deliveredMost: "message delivered, 95 of 100",
    deliveredDay: (least, most) => `message delivered, last 24 hours: ${least}–${most} ms`,
    online: "people online",
    messagesToday: "messages today (UTC)",
    fewerThan5: "fewer than 5",
    daysAgo: (count) => `${count} days ago`,
    today: "today",
    notMeasured: "not measured yet",
    notChecked: "Not checked yet.",
    lastKnownState: (time) => `Last known state, ${time}.`,
    noFigure: "not measured",
    measured: (percent, share) => `${percent}, measured ${share} % of the time`,
    inFigures: "All days in figures",
    history: "History",
    mirror: "If this page does not answer",
    newest: "Newest incidents and maintenance",
    ofMonth: (month) => `Incidents and maintenance in ${month}`,
    none: "There was none.",
    notRead: "Older entries cannot be read right now.",
    uptimeByDay: "Uptime by day",
    day: "Day (UTC)",
    incident: "Incident",
    maintenance: "Maintenance",
    rule:
      "Two failed checks in a row make a component red and two good ones green, both counted from the first of the two. Checks run every 20 seconds.",
    subscribe: "Subscribe",
    eachUpdate: "each update",
    calendar: "Calendar",
    planned: "planned maintenance",
    pasteInSlack: "In Slack:",
    forPrograms: "For programs:",
    events: "events",
    text: "text",
    oldTitle: "State unknown",
    lastKnown: "Last known",
    oldLine: "This server does not answer. Last known at {time}: {state}.",
    missing: "Page not found",
    missingLine: "It does not exist, or it has been removed.",
    toStatus: "Current status",
  },
  de: {
    live: DE,
    now: "Jetzt",
    parts: "Bereiche",
    past: "Frühere Störungen",
    noPast: "Bisher keine Störung.",
    rightNow: "Im Augenblick",
    deliveredHalf: "bis eine Nachricht ankommt, die Hälfte",
    deliveredMost: "bis eine Nachricht ankommt, 95 von 100",
    deliveredDay: (least, most) => `bis eine Nachricht ankommt, letzte 24 Stunden: ${least}–${most} ms`,
    online: "Personen online",
    messagesToday: "Nachrichten heute (UTC)",
    fewerThan5: "weniger als 5",
    daysAgo: (count) => `vor ${count} Tagen`,
    today: "heute",
    notMeasured: "noch nicht gemessen",
    notChecked: "Noch nicht geprüft.",
    lastKnownState: (time) => `Letzter bekannter Zustand, ${time}.`,
    noFigure: "nicht gemessen",
    measured: (percent, share) => `${percent}, in ${share} % der Zeit gemessen`,
    inFigures: "Alle Tage in Zahlen",
    history: "Verlauf",
    mirror: "Wenn diese Seite nicht antwortet",
    newest: "Letzte Störungen und Wartungen",
    ofMonth: (month) => `Störungen und Wartungen im ${month}`,
    none: "Es gab keine.",
    notRead: "Ältere Einträge können gerade nicht gelesen werden.",
    uptimeByDay: "Verfügbarkeit nach Tagen",
    day: "Tag (UTC)",
    incident: "Störung",
    maintenance: "Wartung",
    rule:
      "Zwei fehlgeschlagene Prüfungen hintereinander machen einen Bereich rot, zwei gute wieder grün, jeweils von der ersten an gezählt. Geprüft wird alle 20 Sekunden.",
    subscribe: "Abonnieren",
    eachUpdate: "jede Meldung",
    calendar: "Kalender",
    planned: "geplante Wartung",
    pasteInSlack: "In Slack:",
    forPrograms: "Für Programme:",
    events: "Ereignisse",
    text: "text",
    oldTitle: "Zustand unbekannt",
    lastKnown: "Zuletzt bekannt",
    oldLine: "Dieser Server antwortet nicht. Zuletzt bekannt um {time}: {state}.",
    missing: "Seite nicht gefunden",
    missingLine: "Es gibt sie nicht, oder sie wurde entfernt.",
    toStatus: "Aktueller Status",
  },
  fr: {
    live: FR,
    now: "Maintenant",
    parts: "Composants",
    past: "Incidents passés",
    noPast: "Aucun incident jusqu’ici.",
    rightNow: "En ce moment",
    deliveredHalf: "pour remettre un message, la moitié",
    deliveredMost: "pour remettre un message, 95 sur 100",
    deliveredDay: (least, most) => `pour remettre un message, 24 dernières heures : ${least}–${most} ms`,
    online: "personnes en ligne",
    messagesToday: "messages aujourd’hui (UTC)",
    fewerThan5: "moins de 5",
    daysAgo: (count) => `il y a ${count} jours`,
    today: "aujourd’hui",
    notMeasured: "pas encore mesuré",
    notChecked: "Pas encore vérifié.",
    lastKnownState: (time) => `Dernier état connu, ${time}.`,
    noFigure: "non mesuré",
    measured: (percent, share) => `${percent}, mesuré ${share} % du temps`,
    inFigures: "Tous les jours en chiffres",
    history: "Historique",
    mirror: "Si cette page ne répond pas",
    newest: "Derniers incidents et maintenances",
    ofMonth: (month) => `Incidents et maintenances : ${month}`,
    none: "Il n’y en a pas eu.",
    notRead: "Les entrées plus anciennes ne peuvent pas être lues pour le moment.",
    uptimeByDay: "Disponibilité par jour",
    day: "Jour (UTC)",
    incident: "Incident",
    maintenance: "Maintenance",
    rule:
      "Deux contrôles manqués de suite passent un composant au rouge, deux réussis le repassent au vert, à compter du premier des deux. Un contrôle a lieu toutes les 20 secondes.",
    subscribe: "S’abonner",
    eachUpdate: "chaque mise à jour",
    calendar: "Calendrier",
    planned: "maintenances planifiées",
    pasteInSlack: "Dans Slack :",
    forPrograms: "Pour les programmes :",
    events: "événements",
    text: "texte",
    oldTitle: "État inconnu",
    lastKnown: "Dernier état connu",
    oldLine: "Ce serveur ne répond pas. Dernier état connu, {time} : {state}.",
    missing: "Page introuvable",
    missingLine: "Elle n’existe pas, ou elle a été supprimée.",
    toStatus: "État actuel",
  },
  es: {
    live: ES,
    now: "Ahora",
    parts: "Componentes",
    past: "Incidentes anteriores",
    noPast: "Ningún incidente hasta ahora.",
    rightNow: "En este momento",
    deliveredHalf: "para entregar un mensaje, la mitad",
    deliveredMost: "para entregar un mensaje, 95 de 100",
    deliveredDay: (least, most) => `para entregar un mensaje, últimas 24 horas: ${least}–${most} ms`,
    online: "personas en línea",
    messagesToday: "mensajes hoy (UTC)",
    fewerThan5: "menos de 5",
    daysAgo: (count) => `hace ${count} días`,
    today: "hoy",
    notMeasured: "todavía sin medir",
    notChecked: "Todavía sin comprobar.",
    lastKnownState: (time) => `Último estado conocido, ${time}.`,
    noFigure: "sin medir",
    measured: (percent, share) => `${percent}, medido el ${share} % del tiempo`,
    inFigures: "Todos los días en cifras",
    history: "Historial",
    mirror: "Si esta página no responde",
    newest: "Últimos incidentes y mantenimientos",
    ofMonth: (month) => `Incidentes y mantenimientos: ${month}`,
    none: "No hubo ninguno.",
    notRead: "Las entradas más antiguas no se pueden leer en este momento.",
    uptimeByDay: "Disponibilidad por día",
    day: "Día (UTC)",
    incident: "Incidente",
    maintenance: "Mantenimiento",
    rule:
      "Dos comprobaciones fallidas seguidas ponen un componente en rojo y dos buenas en verde, contando desde la primera. Se comprueba cada 20 segundos.",
    subscribe: "Suscribirse",
    eachUpdate: "cada novedad",
    calendar: "Calendario",
    planned: "mantenimientos programados",
    pasteInSlack: "En Slack:",
    forPrograms: "Para programas:",
    events: "eventos",
    text: "texto",
    oldTitle: "Estado desconocido",
    lastKnown: "Último estado conocido",
    oldLine: "Este servidor no responde. Último estado conocido, {time}: {state}.",
    missing: "Página no encontrada",
    missingLine: "No existe, o se ha eliminado.",
    toStatus: "Estado actual",
  },
};

/** A text of our own in the reader's language; what owners wrote stays as it is. */
export function shownText(text: string, { live: { language } }: PageWords): string {
  const texts: Partial<Record<string, string>> = language === "en" ? {} : KNOWN_TEXTS[language];
  return Object.hasOwn(texts, text) ? texts[text] ?? text : text;
}

/** The words of a language. */
export function pageWords(language: Language): PageWords {
  return WORDS[language];
}
