"""What each page is for, what one can do there and by which keys: plain words, kept as values."""

from collections.abc import Mapping

from builder_ui.shell.page import Help, Keys
from builder_ui.shell.words import _

_LIST: Keys = (
    ("j k", _("walk the rows")),
    ("Enter", _("open the row")),
    ("f", _("go to the filters")),
    ("[ ]", _("previous and next page")),
    ("e", _("take the list as a file")),
)
_NEW: Keys = (*_LIST[:4], ("n", _("add one")))
_EDIT: Keys = (*_NEW, ("F2", _("change a value in place")))


HELPS: Mapping[str, Help] = {
    "portal_tasks": Help(
        _("What workflows ask of you or of your roles, the oldest first. Each task says why it is"
        " needed, what it costs and what follows from either answer."),
        (
            _("Open a task and approve it, or reject it with a reason; undo it where offered."),
            _("Write a comment, choose several to decide together, or hand one on to somebody."),
            _("“Team” shows what waits for anybody, “Due today” what must not wait longer."),
        ),
        (
            ("j k", _("walk the tasks")), ("Enter", _("open")), ("a", _("approve")),
            ("r", _("reject")), ("u", _("undo")), ("c", _("comment")), ("d", _("hand on")),
            ("x", _("choose")), ("Shift+A Shift+R", _("decide the chosen")),
        ),
    ),
    "portal_delegations": Help(
        _("Who answers approvals for you, and for whom you answer: while you are away, or for a"
        " single task. It holds from a day until a day, and never longer than a year."),
        (
            _("Choose who answers for you and until when; end it early at any time."),
            _("Nobody's roles change: the rules of each approval decide whether it counts there."),
            _("Whoever asked for something decides it neither themselves nor through others."),
        ),
    ),
    "portal_orders.list": Help(
        _("Every order that channels sent, the newest first."),
        (
            _("Narrow it by phase, channel or day, and keep what you see as a view."),
            _("Choose many, or all that match, to hold them back, let them go on or cancel them."),
        ),
        (*_LIST, ("x", _("choose a row"))),
    ),
    "portal_orders": Help(
        _("One order: what was ordered, where each unit comes from, and what its customer was"
        " told."),
        (
            _("See of each line whether it has its units, waits, or was given up, and why."),
            _("Go on to what was bought for it, to its parcels, and to the workflows about it."),
        ),
    ),
    "portal_order_bulk": Help(
        _("An action over many orders, as it goes on in the background."),
        (_("See how far it is, and of each order whether it was done and why not."),),
    ),
    "portal_notifications": Help(
        _("What you were told of, the newest first: what is asked of you, what became of your"
        " requests, and problems that need somebody. It is kept for 90 days."),
        (
            _("Open what a notification is about: it is then read."),
            _("Mark all as read, or choose what you are told of at all."),
        ),
    ),
    "portal_messages.list": Help(
        _("What workflows wrote to customers about their orders. Who runs the account also sees"
        " invitations and other mails."),
        (_("See whether a message has left, and go to the order that it is about."),),
        _LIST,
    ),
    "portal_messages": Help(
        _("One message as its recipient reads it."), (_("Go on to the order that it is about."),)
    ),
    "portal_stock.list": Help(
        _("How many units of each SKU each node has, by what they are held for."),
        (_("Search by SKU, narrow by node, and open a SKU to see who has its units."),),
        _LIST,
    ),
    "portal_stock": Help(
        _("One SKU everywhere: what is there, what can be promised and every term of that figure,"
        " who has the rest, and who waits."),
        (_("Read the ledger: each movement names who did it and the order or purchase behind"
        " it."),),
    ),
    "portal_fulfilments.list": Help(
        _("What nodes are asked to ship."), (_("Open one to pick, pack and ship it."),), _LIST
    ),
    "portal_fulfilments": Help(
        _("What one node ships of one order."),
        (
            _("Note what was picked, packed and shipped, step by step or at once."),
            _("Say what could not be found: stock is corrected, and the customer's line waits."),
        ),
    ),
    "portal_transfers.list": Help(
        _("Goods on the road from one node to another."), (_("Open one to take it in."),), _LIST
    ),
    "portal_transfers": Help(
        _("One transfer: what was loaded, what has arrived, what is still on the road."),
        (_("Take units in, write off what was lost, or turn it round."),),
    ),
    "portal_corrections.list": Help(
        _("Corrections of stock that are large enough to need a second person."),
        (_("Open one to see who proposed it, and why."),),
        _LIST,
    ),
    "portal_corrections": Help(
        _("One correction: what the books say, what was counted, and who agreed."),
        (_("Follow its approval."),),
    ),
    "portal_purchasing.list": Help(
        _("Every purchase order, the newest first: drafted, waiting for approval, sent, received."),
        (_("Narrow it by phase, and open one to see for whom it buys."),),
        _LIST,
    ),
    "portal_purchasing": Help(
        _("One purchase order: what is bought, from whom, for which customers, and who agreed."),
        (
            _("Open its task while it waits for an approval."),
            _("Follow what was confirmed and came in."),
        ),
    ),
    "portal_runs.list": Help(
        _("Workflows at work: one run for each thing that they look after."),
        (_("Narrow it by workflow and state; those that stopped need a person."),),
        _LIST,
    ),
    "portal_runs": Help(
        _("One run: its way through the chart, what happened and which rules decided."),
        (_("Try again what failed, or cancel it with a reason, where your roles allow it."),),
    ),
    "portal_workflows.list": Help(
        _("The workflows of this company, each with its published version."),
        (_("Open one to see its chart and how many runs stand where."),),
        _LIST[:2],
    ),
    "portal_workflows": Help(
        _("One workflow as a chart, with how many runs stand in each state and since when."),
        (_("Click a state to see its runs."), _("Read the outline: it says the same in words.")),
        (("+ −", _("zoom")), ("arrows", _("walk the chart"))),
    ),
    "portal_exceptions.list": Help(
        _("Problems that no workflow could solve and that need a person."),
        (_("Take one, so that nobody else does it as well."),),
        _LIST,
    ),
    "portal_exceptions": Help(
        _("One problem: what failed, about what, and who looks after it."),
        (_("Take it, and resolve it with a sentence that says what was done."),),
    ),
    "portal_dashboards": Help(
        _("Figures of operations over a span of time: orders, what waits, what was filled."),
        (
            _("Choose span and channel; the address keeps them."),
            _("Each figure is a table as well, leads to its rows, and can be printed."),
        ),
    ),
    "portal_search": Help(
        _("Finds orders, purchases, SKUs, customers and people by number, code, name or words."),
        (_("Type a part of it; the best match stands first."),),
        (("/", _("search from anywhere")), ("Ctrl+K", _("go or do by name"))),
    ),
    "portal_members.list": Help(
        _("Who works here, with which roles."),
        (_("Invite somebody by mail, and open a member to change roles."),),
        _NEW,
    ),
    "portal_members": Help(
        _("One person, and what their roles let them do."),
        (_("Change roles and manager, or deactivate: sessions end at once."),),
    ),
    "portal_roles.list": Help(
        _("Roles are names for sets of permissions; workflows ask roles."),
        (_("Add a role, or open one to change what it allows."),),
        _NEW,
    ),
    "portal_roles": Help(
        _("One role, and every permission that it gives."),
        (_("Give it what you hold yourself; what you change holds from the next click on."),),
    ),
    "portal_organisation": Help(
        _("The units of the company as a tree. Settings are inherited along it."),
        (_("Add, rename and move units, and say which places belong to them."),),
    ),
    "portal_settings": Help(
        _("Choices of the company, with where each value comes from."),
        (_("Change a value for all or for a unit, and lock what nobody below may change."),),
    ),
    "portal_api_clients": Help(
        _("Programs that work with this company through the API, each with its own rights."),
        (
            _("Connect one, and copy its secret: it is shown once."),
            _("To change its secret, add a second, let it use that, then revoke the older."),
        ),
    ),
    "portal_webhooks": Help(
        _("Endpoints of other systems that are told of events as they happen."),
        (
            _("Add one, copy its secret, and let the receiver repeat the challenge: then it gets"
              " events."),
            _("A message that is not taken is sent again for three days; each attempt is shown."),
            _("An endpoint that fails for five days is disabled. Enable it, and replay what it"
              " missed."),
        ),
        (*_LIST[:2], ("[ ]", _("previous and next page")), ("n", _("add one"))),
    ),
    "portal_calendars": Help(
        _("Working days and hours that workflows count deadlines by."),
        (_("Add a calendar, and say when people work and which days are holidays."),),
    ),
    "portal_audit": Help(
        _("Everything that was changed: who, when, on whose behalf, before and after."),
        (_("Narrow it by subject, person, action and day. Nobody can change or remove an entry."),),
        _LIST[:4],
    ),
    "portal_me": Help(
        _("How pages look and behave for you, your password, and where you are signed in."),
        (_("Switch single keys off, choose a density, and end sessions that are not yours."),),
    ),
    "portal_catalog.products": Help(
        _("What the company sells, grouped: a product has one or more SKUs."),
        (_("Add and change products; retire what is sold no more."),),
        _EDIT,
    ),
    "portal_catalog.skus": Help(
        _("What is counted, bought and sold: one SKU for each size, colour and pack."),
        (_("Add and change SKUs, and see who sells them and where they are listed."),),
        _EDIT,
    ),
    "portal_catalog.suppliers": Help(
        _("Whom goods are bought from."),
        (_("Add suppliers, and note on which terms they sell each SKU."),),
        _EDIT,
    ),
    "portal_catalog.supplier_items": Help(
        _("The terms of one supplier for one SKU: price, lead time, minimum and pack."),
        (_("Change the terms; purchase orders that exist keep theirs."),),
    ),
    "portal_catalog.nodes": Help(
        _("Places that hold stock: warehouses and stores."), (_("Add and change nodes."),), _EDIT
    ),
    "portal_catalog.channels": Help(
        _("Where orders come from: shops, marketplaces, tills."),
        (_("Add channels and say what is listed there at which price."),),
        _EDIT,
    ),
    "portal_catalog.listings": Help(
        _("What a channel calls one SKU, and at which price it sells it."),
        (_("Change its code and price, or retire it."),),
    ),
    "portal_catalog.imports": Help(
        _("Files with catalog data: columns are matched, rows are tried, then taken in."),
        (_("Upload a file, read what is wrong row by row, and import when nothing is."),),
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
