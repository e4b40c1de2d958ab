#!/usr/bin/env python3
"""Runs Google's own Python client (pip install google-genai) against a server that speaks its API.

    google_genai.py http://127.0.0.1:PORT [MODEL] [OUTPUT-FOLDER]

Streams a picture with thoughts, asks for one without streaming, and continues the conversation. Prints the thoughts,
saves the pictures, and exits with 1 when a thought or a picture is missing.
"""

import pathlib
import sys

from google import genai
from google.genai import types

MAGIC = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg"}


def config():
    return types.GenerateContentConfig(
        response_modalities=["TEXT", "IMAGE"],
        image_config=types.ImageConfig(aspect_ratio="16:9", image_size="1K"),
        thinking_config=types.ThinkingConfig(include_thoughts=True),
    )


def take(response, answer):
    """Adds what a response or a chunk of one holds to an answer."""
    for candidate in response.candidates or []:
        for part in (candidate.content and candidate.content.parts) or []:
            if part.text and part.thought:
                answer["thoughts"].append(part.text)
            elif part.text:
                answer["text"].append(part.text)
            elif part.inline_data and part.thought:
                answer["drafts"].append(part.inline_data.data)
            elif part.inline_data:
                answer["pictures"].append(part.inline_data.data)
        if candidate.finish_reason:
            answer["finish"] = candidate.finish_reason.name
    if response.usage_metadata and response.usage_metadata.total_token_count:
        answer["tokens"] = response.usage_metadata.total_token_count
    return answer


def check(name, answer, folder):
    problems = []
    for thought in answer["thoughts"]:
        print(thought.strip(), "\n")
    if not answer["thoughts"]:
        problems.append("no thoughts")
    if not answer["drafts"]:
        problems.append("no draft")
    if answer["finish"] != "STOP":
        problems.append(f"finish reason {answer['finish']}")
    if not answer["tokens"]:
        problems.append("no usage")
    if len(answer["pictures"]) != 1:
        problems.append(f"{len(answer['pictures'])} pictures")
    for data in answer["pictures"]:
        kind = next((ending for magic, ending in MAGIC.items() if data.startswith(magic)), None)
        if kind is None:
            problems.append("the picture is neither PNG nor JPEG")
            continue
        path = folder / f"{name}{kind}"
        path.write_bytes(data)
        print(f"{name}: {path}, {len(data)} bytes, {answer['tokens']} tokens")
    for problem in problems:
        print(f"{name}: {problem}", file=sys.stderr)
    return not problems


def empty():
    return {"thoughts": [], "text": [], "drafts": [], "pictures": [], "finish": None, "tokens": 0}


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    base = sys.argv[1]
    model = sys.argv[2] if len(sys.argv) > 2 else "gemini-3.1-flash-image"
    folder = pathlib.Path(sys.argv[3] if len(sys.argv) > 3 else ".")
    options = types.HttpOptions(base_url=base, api_version="v1beta")
    client = genai.Client(api_key="demo", http_options=options)

    names = [listed.name for listed in client.models.list()]
    print("models:", ", ".join(names))

    prompt = "A lighthouse on a cliff at dusk"
    streamed = empty()
    for chunk in client.models.generate_content_stream(model=model, contents=prompt, config=config()):
        take(chunk, streamed)
    whole = take(client.models.generate_content(model=model, contents=prompt, config=config()), empty())

    chat = client.chats.create(model=model, config=config())
    take(chat.send_message(prompt), empty())
    continued = take(chat.send_message("make it night and add a moon"), empty())

    results = [
        check("streamed", streamed, folder),
        check("whole", whole, folder),
        check("continued", continued, folder),
    ]
    if streamed["pictures"] and continued["pictures"] and streamed["pictures"] == continued["pictures"]:
        print("continued: the change did not change the picture", file=sys.stderr)
        results.append(False)
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
