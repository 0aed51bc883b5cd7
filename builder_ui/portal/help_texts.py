"""What each page is for, what one can do there and by which keys: plain words, kept as values."""

from collections.abc import Mapping

from builder_ui.shell.page import Help, Keys

_LIST: Keys = (
    ("j k", "walk the rows"),
    ("Enter", "open the row"),
    ("f", "go to the filters"),
    ("[ ]", "previous and next page"),
    ("e", "take the list as a file"),
)
_NEW: Keys = (*_LIST[:4], ("n", "add one"))


HELPS: Mapping[str, Help] = {
    "portal_tasks": Help(
        "What workflows ask of you or of your roles, the oldest first. Each task says why it is"
        " needed, what it costs and what follows from either answer.",
        (
            "Open a task and approve it, or reject it with a reason.",
            "Choose several and decide them together: each tells its own result.",
            "“Team” shows what waits for anybody, “Due today” what must not wait longer.",
        ),
        (
            ("j k", "walk the tasks"), ("Enter", "open"), ("a", "approve"), ("r", "reject"),
            ("x", "choose"), ("Shift+A Shift+R", "decide the chosen"),
        ),
    ),
    "portal_orders.list": Help(
        "Every order that channels sent, the newest first.",
        (
            "Narrow it by phase, channel or day, and keep what you see as a view.",
            "Choose many, or all that match, to hold them back, let them go on or cancel them.",
        ),
        (*_LIST, ("x", "choose a row")),
    ),
    "portal_orders": Help(
        "One order: what was ordered, where each unit comes from, and what its customer was told.",
        (
            "See of each line whether it has its units, waits, or was given up, and why.",
            "Go on to what was bought for it, to its parcels, and to the workflows about it.",
        ),
    ),
    "portal_order_bulk": Help(
        "An action over many orders, as it goes on in the background.",
        ("See how far it is, and of each order whether it was done and why not.",),
    ),
    "portal_messages.list": Help(
        "What workflows wrote to customers about their orders. Who runs the account also sees"
        " invitations and other mails.",
        ("See whether a message has left, and go to the order that it is about.",),
        _LIST,
    ),
    "portal_messages": Help(
        "One message as its recipient reads it.", ("Go on to the order that it is about.",)
    ),
    "portal_stock.list": Help(
        "How many units of each SKU each node has, by what they are held for.",
        ("Search by SKU, narrow by node, and open a SKU to see who has its units.",),
        _LIST,
    ),
    "portal_stock": Help(
        "One SKU everywhere: what is there, what can be promised and every term of that figure,"
        " who has the rest, and who waits.",
        ("Read the ledger: each movement names who did it and the order or purchase behind it.",),
    ),
    "portal_fulfilments.list": Help(
        "What nodes are asked to ship.", ("Open one to pick, pack and ship it.",), _LIST
    ),
    "portal_fulfilments": Help(
        "What one node ships of one order.",
        (
            "Note what was picked, packed and shipped, step by step or at once.",
            "Say what could not be found: stock is corrected, and the customer's line waits.",
        ),
    ),
    "portal_transfers.list": Help(
        "Goods on the road from one node to another.", ("Open one to take it in.",), _LIST
    ),
    "portal_transfers": Help(
        "One transfer: what was loaded, what has arrived, what is still on the road.",
        ("Take units in, write off what was lost, or turn it round.",),
    ),
    "portal_corrections.list": Help(
        "Corrections of stock that are large enough to need a second person.",
        ("Open one to see who proposed it, and why.",),
        _LIST,
    ),
    "portal_corrections": Help(
        "One correction: what the books say, what was counted, and who agreed.",
        ("Follow its approval.",),
    ),
    "portal_purchasing.list": Help(
        "Every purchase order, the newest first: drafted, waiting for approval, sent, received.",
        ("Narrow it by phase, and open one to see for whom it buys.",),
        _LIST,
    ),
    "portal_purchasing": Help(
        "One purchase order: what is bought, from whom, for which customers, and who agreed.",
        ("Open its task while it waits for an approval.", "Follow what was confirmed and came in."),
    ),
    "portal_runs.list": Help(
        "Workflows at work: one run for each thing that they look after.",
        ("Narrow it by workflow and state; those that stopped need a person.",),
        _LIST,
    ),
    "portal_runs": Help(
        "One run: its way through the chart, what happened and which rules decided.",
        ("Try again what failed, or cancel it with a reason, where your roles allow it.",),
    ),
    "portal_workflows.list": Help(
        "The workflows of this company, each with its published version.",
        ("Open one to see its chart and how many runs stand where.",),
        _LIST[:2],
    ),
    "portal_workflows": Help(
        "One workflow as a chart, with how many runs stand in each state and since when.",
        ("Click a state to see its runs.", "Read the outline: it says the same in words."),
        (("+ −", "zoom"), ("arrows", "walk the chart")),
    ),
    "portal_exceptions.list": Help(
        "Problems that no workflow could solve and that need a person.",
        ("Take one, so that nobody else does it as well.",),
        _LIST,
    ),
    "portal_exceptions": Help(
        "One problem: what failed, about what, and who looks after it.",
        ("Take it, and resolve it with a sentence that says what was done.",),
    ),
    "portal_dashboards": Help(
        "Figures of operations over a span of time: orders, what waits, what was filled.",
        (
            "Choose span and channel; the address keeps them.",
            "Each figure is a table as well, leads to its rows, and can be printed.",
        ),
    ),
    "portal_search": Help(
        "Finds orders, purchases, SKUs, customers and people by number, code, name or words.",
        ("Type a part of it; the best match stands first.",),
        (("/", "search from anywhere"), ("Ctrl+K", "go or do by name")),
    ),
    "portal_members.list": Help(
        "Who works here, with which roles.",
        ("Invite somebody by mail, and open a member to change roles.",),
        _NEW,
    ),
    "portal_members": Help(
        "One person, and what their roles let them do.",
        ("Change roles and manager, or deactivate: sessions end at once.",),
    ),
    "portal_roles.list": Help(
        "Roles are names for sets of permissions; workflows ask roles.",
        ("Add a role, or open one to change what it allows.",),
        _NEW,
    ),
    "portal_roles": Help(
        "One role, and every permission that it gives.",
        ("Give it what you hold yourself; what you change holds from the next click on.",),
    ),
    "portal_organisation": Help(
        "The units of the company as a tree. Settings are inherited along it.",
        ("Add, rename and move units, and say which places belong to them.",),
    ),
    "portal_settings": Help(
        "Choices of the company, with where each value comes from.",
        ("Change a value for all or for a unit, and lock what nobody below may change.",),
    ),
    "portal_api_clients": Help(
        "Programs that work with this company through the API, each with its own rights.",
        (
            "Connect one, and copy its secret: it is shown once.",
            "To change its secret, add a second, let it use that, then revoke the older.",
        ),
    ),
    "portal_calendars": Help(
        "Working days and hours that workflows count deadlines by.",
        ("Add a calendar, and say when people work and which days are holidays.",),
    ),
    "portal_audit": Help(
        "Everything that was changed: who, when, on whose behalf, before and after.",
        ("Narrow it by subject, person, action and day. Nobody can change or remove an entry.",),
        _LIST[:4],
    ),
    "portal_me": Help(
        "How pages look and behave for you, your password, and where you are signed in.",
        ("Switch single keys off, choose a density, and end sessions that are not yours.",),
    ),
    "portal_catalog.products": Help(
        "What the company sells, grouped: a product has one or more SKUs.",
        ("Add and change products; retire what is sold no more.",),
        _NEW,
    ),
    "portal_catalog.skus": Help(
        "What is counted, bought and sold: one SKU for each size, colour and pack.",
        ("Add and change SKUs, and see who sells them and where they are listed.",),
        _NEW,
    ),
    "portal_catalog.suppliers": Help(
        "Whom goods are bought from.",
        ("Add suppliers, and note on which terms they sell each SKU.",),
        _NEW,
    ),
    "portal_catalog.supplier_items": Help(
        "The terms of one supplier for one SKU: price, lead time, minimum and pack.",
        ("Change the terms; purchase orders that exist keep theirs.",),
    ),
    "portal_catalog.nodes": Help(
        "Places that hold stock: warehouses and stores.", ("Add and change nodes.",), _NEW
    ),
    "portal_catalog.channels": Help(
        "Where orders come from: shops, marketplaces, tills.",
        ("Add channels and say what is listed there at which price.",),
        _NEW,
    ),
    "portal_catalog.listings": Help(
        "What a channel calls one SKU, and at which price it sells it.",
        ("Change its code and price, or retire it.",),
    ),
    "portal_catalog.imports": Help(
        "Files with catalog data: columns are matched, rows are tried, then taken in.",
        ("Upload a file, read what is wrong row by row, and import when nothing is.",),
        _NEW,
    ),
}  # fmt: skip


def help_of(endpoint: str | None) -> Help | None:
    """Return the help of a page: its own, or that of the pages that it belongs to.

    The page `portal_catalog.skus_identity_edit` belongs to `portal_catalog.skus`, and
    `portal_orders.show_order` to `portal_orders`.
    """
    name = (endpoint or "").replace(".list_", ".list.")
    while name:
        if name in HELPS:
            return HELPS[name]
        name = name[: max(name.rfind("_"), name.rfind("."), 0)]
    return None
