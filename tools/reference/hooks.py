"""For mkdocs (see mkdocs.yml): adds the generated pages, and what stands outside docs/."""

from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

from tools.reference import commands, messages, routes, settings

_ROOT = Path(__file__).parents[2]
GENERATED = {
    "reference/messages.md": messages.page,
    "reference/commands.md": commands.page,
    "reference/settings.md": settings.page,
    "reference/routes.md": routes.page,
}
ELSEWHERE = {
    "reference/protocol.md": "protocol/README.md",
    "contributing.md": "CONTRIBUTING.md",
    "changelog.md": "CHANGELOG.md",
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    for path, page in GENERATED.items():
        files.append(File.generated(config, path, content=page()))
    for path, source in ELSEWHERE.items():
        files.append(File.generated(config, path, abs_src_path=str(_ROOT / source)))
    return files
