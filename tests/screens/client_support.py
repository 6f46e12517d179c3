"""Takes out of the data of caniemail.com which mail program does not know which HTML and CSS.

`npm pack caniemail@1.0.5`, then `python tests/screens/client_support.py package/data/caniemail.json`. Only facts are
kept: features, and the programs that lack them in the newest version that was tried.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

PLACE = Path(__file__).parent / "client_support.json"
CLIENTS = {
    "Gmail": [("gmail", "desktop-webmail"), ("gmail", "ios"), ("gmail", "android")],
    "Outlook on Windows": [("outlook", "windows")],
    "Outlook on the Mac": [("outlook", "macos")],
    "Outlook on the web": [("outlook", "outlook-com")],
    "Apple Mail": [("apple-mail", "macos"), ("apple-mail", "ios")],
    "Yahoo": [("yahoo", "desktop-webmail")],
    "Thunderbird": [("thunderbird", "macos"), ("thunderbird", "windows")],
}


def extract(data: dict[str, Any]) -> dict[str, object]:
    """Each feature of HTML and CSS with the programs that lack it and those that know a part of it."""
    features = {}
    for feature in data["data"]:
        if feature["category"] not in ("css", "html"):
            continue
        lacking: dict[str, list[str]] = {"n": [], "a": []}
        for client, places in CLIENTS.items():
            said = {_newest(feature["stats"].get(family, {}).get(platform, {})) for family, platform in places}
            for verdict in ("n", "a"):
                if verdict in said:
                    lacking[verdict].append(client)
                    break
        features[feature["slug"]] = {"lacking": lacking["n"], "in_part": lacking["a"]}
    return {
        "source": "https://www.caniemail.com, by way of the npm package caniemail 1.0.5 (MIT licence)",
        "as_of": data["last_update_date"][:10],
        "clients": list(CLIENTS),
        "features": features,
    }


def _newest(versions: dict[str, str]) -> str:
    """What was found with the newest version: y, a (in part), n, u (unknown)."""
    return list(versions.values())[-1][:1] if versions else "u"


if __name__ == "__main__":
    found = extract(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    lines = json.dumps(found, indent=1, ensure_ascii=False)
    # A feature a line: a diff then shows what changed.
    lines = lines.replace('[\n    "', '["').replace('",\n    "', '", "').replace('"\n   ]', '"]')
    PLACE.write_text(lines + "\n", encoding="utf-8")
