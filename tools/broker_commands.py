"""`rapport broker`: what brokers of your own are configured with."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

app = typer.Typer(no_args_is_help=True, help="Write the configuration of brokers of your own.")
out = Console()

_Folder = Annotated[Path, typer.Argument(help="Of what is written; the broker reads it there.")]


@app.command()
def mosquitto(
    folder: _Folder,
    port: Annotated[int, typer.Option(help="For devices and the hub.")] = 8883,
    listen: Annotated[str, typer.Option(help="An address; else all of the machine's.")] = "",
    revoked: Annotated[
        list[Path] | None, typer.Option(help="Certificate (PEM) of a device to be shut out.")
    ] = None,
    lists: Annotated[
        list[Path] | None, typer.Option(help="CRL (PEM) of a line that certifies devices.")
    ] = None,
) -> None:
    """Files for a Mosquitto: mutual TLS, who may say what, who is revoked. Say all who are."""
    from hub.config import Settings
    from hub.link.broker import BrokerError
    from hub.link.certificates import Certificates
    from hub.link.mosquitto import write_mosquitto

    settings = Settings()
    certificates = Certificates(settings.data / "certificates", settings.broker_names)
    shut_out = [path.read_bytes() for path in revoked or ()]
    of_lines = [path.read_bytes() for path in lists or ()]
    try:
        has_lists = write_mosquitto(
            folder, certificates, port=port, listen=listen, revoked=shut_out, lists=of_lines
        )
    except ValueError as error:
        raise BrokerError(f"one of these files is no certificate or CRL (PEM): {error}") from None
    out.print(f"Written: {folder / 'mosquitto.conf'}, and what it names.", highlight=False)
    if not has_lists:
        out.print("A line has no CRL here: whoever is revoked is let in, and neither says nor"
                  " hears anything.")  # fmt: skip


@app.command()
def nats(
    folder: _Folder,
    nodes: Annotated[list[str], typer.Argument(help="HOST of each node, three or five.")],
    clients_port: Annotated[int, typer.Option(help="For hub workers.")] = 4222,
    cluster_port: Annotated[int, typer.Option(help="For the other nodes.")] = 6222,
    port: Annotated[int, typer.Option(help="For devices.")] = 8883,
) -> None:
    """Files for the nodes of a NATS cluster; FOLDER is RAPPORT_BROKER_USERS of the workers."""
    from hub.config import Settings
    from hub.link.certificates import Certificates
    from hub.link.node_files import Node, write_node
    from hub.link.nodes import Nodes

    settings = Settings()
    certificates = Certificates(settings.data / "certificates", settings.broker_names)
    Nodes([], folder, certificates).begin()
    each = [
        Node(f"n{number}", *(f"{host}:{at}" for at in (clients_port, cluster_port, port)))
        for number, host in enumerate(nodes)
    ]
    for node in each:
        path = write_node(node, each, folder / node.name, folder, certificates)
        out.print(f"Written: {path}", highlight=False)
