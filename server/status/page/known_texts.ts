import type { Language } from "../../../shared/status/language.ts";

/** Texts of our own that reach visitors as data: descriptions of components, and notes of probes. */
export type KnownText =
  | "Sending and receiving messages in rooms"
  | "Connections of apps by the public address"
  | "Live events of this page"
  | "Reading and writing data"
  | "Ringing and connecting calls"
  | "Ringing and connecting calls, also through firewalls"
  | "The servers that share the work"
  | "Measured at the server itself: its public address cannot be reached from there.";

/** They come in English. */
export const KNOWN_TEXTS: Readonly<Record<Exclude<Language, "en">, Readonly<Record<KnownText, string>>>> = {
  de: {
    "Sending and receiving messages in rooms": "Nachrichten in Räumen senden und empfangen",
    "Connections of apps by the public address": "Verbindungen der Apps über die öffentliche Adresse",
    "Live events of this page": "Laufende Meldungen auf dieser Seite",
    "Reading and writing data": "Daten lesen und schreiben",
    "Ringing and connecting calls": "Anrufe klingeln lassen und verbinden",
    "Ringing and connecting calls, also through firewalls":
      "Anrufe klingeln lassen und verbinden, auch durch Firewalls",
    "The servers that share the work": "Die Server, die sich die Arbeit teilen",
    "Measured at the server itself: its public address cannot be reached from there.":
      "Am Server selbst gemessen: Von dort ist seine öffentliche Adresse nicht erreichbar.",
  },
  fr: {
    "Sending and receiving messages in rooms": "Envoi et réception de messages dans les salons",
    "Connections of apps by the public address": "Connexions des applications par l’adresse publique",
    "Live events of this page": "Événements en direct de cette page",
    "Reading and writing data": "Lecture et écriture des données",
    "Ringing and connecting calls": "Sonnerie et connexion des appels",
    "Ringing and connecting calls, also through firewalls":
      "Sonnerie et connexion des appels, y compris à travers les pare-feu",
    "The servers that share the work": "Les serveurs qui se partagent le travail",
    "Measured at the server itself: its public address cannot be reached from there.":
      "Mesuré sur le serveur lui-même : son adresse publique n’est pas joignable de là.",
  },
  es: {
    "Sending and receiving messages in rooms": "Envío y recepción de mensajes en las salas",
    "Connections of apps by the public address": "Conexiones de las aplicaciones por la dirección pública",
    "Live events of this page": "Avisos en directo de esta página",
    "Reading and writing data": "Lectura y escritura de los datos",
    "Ringing and connecting calls": "Timbre y conexión de llamadas",
    "Ringing and connecting calls, also through firewalls":
      "Timbre y conexión de llamadas, también a través de cortafuegos",
    "The servers that share the work": "Los servidores que se reparten el trabajo",
    "Measured at the server itself: its public address cannot be reached from there.":
      "Medido en el propio servidor: desde allí no se alcanza su dirección pública.",
  },
};
