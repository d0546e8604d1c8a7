// The model of this example is a script: it needs no key and no network, and answers the same each time. Any other model takes the same path.

import type { ModelRequest, ModelProvider } from "kindling";
import { scripted } from "kindling/providers/scripted";
import type { Release } from "./contract.ts";

/** Answers in one process, at most. */
const CALLS = 1_000;

const DRAFT: Release = {
  title: "Harbour ferry runs on batteries",
  text: "From Monday on the harbour ferry runs on batteries. It charges for six minutes at each pier. The fare stays the same.",
};

const TRANSLATIONS: Readonly<Record<string, Release>> = {
  German: {
    title: "Hafenfähre fährt mit Batterien",
    text: "Ab Montag fährt die Hafenfähre mit Batterien. Sie lädt an jedem Anleger sechs Minuten. Der Fahrpreis bleibt gleich.",
  },
  French: {
    title: "Le bac du port roule sur batteries",
    text: "Dès lundi, le bac du port fonctionne sur batteries. Il se recharge six minutes à chaque quai. Le tarif ne change pas.",
  },
  Portuguese: {
    title: "A balsa do porto funciona a bateria",
    text: "A partir de segunda-feira, a balsa do porto funciona a bateria. Carrega seis minutos em cada cais. A tarifa não muda.",
  },
};

/** The scripted model: `scripted:press`. */
export function pressModel(): ModelProvider {
  return scripted(Array.from({ length: CALLS }, () => answer));
}

function answer({ messages }: ModelRequest): Release {
  const asked = messages.flatMap(({ content }) => content.map((part) => (part.type === "text" ? part.text : ""))).join("\n");
  const language = /^Language: (\w+)$/m.exec(asked)?.[1];
  return language === undefined ? DRAFT : (TRANSLATIONS[language] ?? DRAFT);
}
