// Runs Google's own JavaScript client (npm install @google/genai) against a server that speaks its API.
//
//     node google_genai.mjs http://127.0.0.1:PORT [MODEL] [OUTPUT-FOLDER]
//
// Streams an image with thoughts, asks for one without streaming, edits one, and continues a conversation. Prints what
// came, saves the images, and exits with 1 when a thought or an image is missing.

import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

// The client is where the script that runs this has installed it, not beside this file.
const installed = createRequire(path.join(process.env.CLIENTS ?? process.cwd(), "package.json"));
const { GoogleGenAI } = await import(pathToFileURL(installed.resolve("@google/genai")));

const [base, model = "gemini-3.1-flash-image", folder = "."] = process.argv.slice(2);
if (!base) {
  console.error("google_genai.mjs http://127.0.0.1:PORT [MODEL] [OUTPUT-FOLDER]");
  process.exit(2);
}

const config = {
  responseModalities: ["TEXT", "IMAGE"],
  imageConfig: { aspectRatio: "16:9", imageSize: "1K" },
  thinkingConfig: { includeThoughts: true },
};

const empty = () => ({ thoughts: [], text: [], drafts: [], images: [], finish: null, tokens: 0 });

// Adds what a response or a chunk of one holds to an answer.
function take(response, answer) {
  for (const candidate of response.candidates ?? []) {
    for (const part of candidate.content?.parts ?? []) {
      if (part.text && part.thought) answer.thoughts.push(part.text);
      else if (part.text) answer.text.push(part.text);
      else if (part.inlineData && part.thought) answer.drafts.push(part.inlineData.data);
      else if (part.inlineData) answer.images.push(part.inlineData.data);
    }
    answer.finish = candidate.finishReason ?? answer.finish;
  }
  answer.tokens = response.usageMetadata?.totalTokenCount ?? answer.tokens;
  return answer;
}

function check(name, answer) {
  const problems = [];
  if (!answer.thoughts.length) problems.push("no thoughts");
  if (!answer.drafts.length) problems.push("no draft image");
  if (answer.finish !== "STOP") problems.push(`finish reason ${answer.finish}`);
  if (!answer.tokens) problems.push("no usage");
  if (answer.images.length !== 1) problems.push(`${answer.images.length} images`);
  for (const data of answer.images) {
    const bytes = Buffer.from(data, "base64");
    const kind = bytes.subarray(0, 4).equals(Buffer.from("\x89PNG", "latin1"))
      ? ".png"
      : bytes[0] === 0xff && bytes[1] === 0xd8 && ".jpg";
    if (!kind) {
      problems.push("the image is neither PNG nor JPEG");
      continue;
    }
    const file = path.join(folder, `${name}-javascript${kind}`);
    writeFileSync(file, bytes);
    console.log(`${name}: ${file}, ${bytes.length} bytes, ${answer.tokens} tokens`);
  }
  for (const problem of problems) console.error(`${name}: ${problem}`);
  return !problems.length;
}

const client = new GoogleGenAI({
  apiKey: "demo",
  httpOptions: { baseUrl: base, apiVersion: "v1beta" },
});

const names = [];
for await (const listed of await client.models.list()) names.push(listed.name);
console.log("models:", names.join(", "));

const prompt = "A lighthouse on a cliff at dusk";
const streamed = empty();
for await (const chunk of await client.models.generateContentStream({ model, contents: prompt, config })) {
  take(chunk, streamed);
}
const whole = take(await client.models.generateContent({ model, contents: prompt, config }), empty());

const reference = { inlineData: { mimeType: "image/png", data: streamed.images[0] ?? "" } };
const contents = [{ role: "user", parts: [{ text: "make it night" }, reference] }];
const edited = take(await client.models.generateContent({ model, contents, config }), empty());

const chat = client.chats.create({ model, config });
await chat.sendMessage({ message: prompt });
const continued = take(await chat.sendMessage({ message: "make it night and add a moon" }), empty());

const results = Object.entries({ streamed, whole, edited, continued }).map(([name, answer]) => check(name, answer));
if (streamed.images[0] === continued.images[0]) {
  console.error("continued: the change did not change the image");
  results.push(false);
}
process.exit(results.every(Boolean) ? 0 : 1);
