"""The source text of the rules, word for word (a translation), by clause."""

# Quoted as it stands, oddities included; the readings are in clauses.py.
SOURCE: dict[str, str] = {
    "1.1": (
        '"After-sale service" means that after the buyer places an order in ZESTECH to purchase '
        'products with the "ZESTECH" logo, the seller promises to provide the buyer with '
        "after-sale services related to the products sold in accordance with the requirements of "
        "these rules."
    ),
    "2.1.1": (
        "Service content: refers to a service provided by the merchant to the buyer who purchases "
        "some automotive electronic products, specifically: after the buyer places an order on "
        "ZESTECH to purchase the product with the after-sales service logo on the product details "
        'page, the merchant promises to follow this agreement. The "After-sale Service '
        'Specifications" and relevant rules of ZESTECH require related services after product '
        "purchase for buyers, including video technical guidance, installation and debugging "
        "(product installation, program debugging, etc., if any), maintenance (fault detection, "
        "spare parts delivery) , replacement of accessories, etc.) and overseas local after-sales "
        "service (specific information is subject to product details or seller instructions)."
    ),
    "2.2.1": (
        "Service method: According to the buyer's specific service needs and actual situation, "
        "the seller will provide after-sales maintenance services by assigning after-sales "
        "engineers to the door and the buyer's local service point (the specific information is "
        "subject to the product details or the seller's instructions)."
    ),
    "2.3.1": (
        "After-sales engineers are dispatched to the door: the seller confirms the buyer's "
        "appointment by email or the platform's official communication tool within 14 natural "
        "days; the seller should respond effectively within 48 hours after receiving the buyer's "
        "request and agree on the method and service of the engineer's services If the seller "
        "fails to reply within the time limit or does not provide a reasonable solution, it will "
        "be deemed that the seller refuses to provide the after-sales service of the dispatched "
        "engineer;"
    ),
    "2.3.2": (
        "Local service point service: The buyer will provide solutions within 48 hours after the "
        "buyer confirms the buyer's service appointment through email or the platform's official "
        "communication tool, including video technical guidance, installation and debugging "
        "(product installation, program debugging, etc.), maintenance (fault detection, etc.) , "
        "spare parts delivery, spare parts replacement, etc.) or local after-sales service such "
        "as engineer visits. If the seller fails to reply or provide a reasonable solution within "
        "the time limit, it will be deemed that the seller refuses to provide local after-sales "
        "service."
    ),
    "2.3.3": (
        "If the seller has other commitments on after-sales service in the product details, "
        "unilateral commitment or communication, it constitutes the effective content of the "
        "after-sales service in this specification (except for the content that the seller "
        "unilaterally exempts, narrows or reduces the responsibility for after-sales service)."
    ),
    "2.3.4": (
        "After the buyer purchases the after-sales service products, the merchant needs to "
        "provide a one-year service time limit after the buyer has successfully paid the ZESTECH "
        "order."
    ),
    "3.1": (
        "The seller shall fulfill the after-sales service commitment to the buyer in accordance "
        "with the requirements of this specification. Before confirming the service appointment "
        "or actually providing the service, the seller shall describe the necessary information "
        "such as the service period, the number of services, the service scope, and the charging "
        "standard to the buyer in detail. If the necessary description or the description is "
        "unclear and a service dispute arises, ZESTECH will handle it according to the actual "
        "situation or trade practices."
    ),
    "3.2": (
        "ZESTECH will check the seller's performance of the after-sales service commitment from "
        "time to time. If there is a violation of this specification, the seller will be cleared "
        "from the activity. Within one year after the clearance, the seller shall not apply for "
        "the after-sales service exhibition again."
    ),
    "3.3": (
        "If the buyer initiates a complaint and ZESTECH determines that the complaint belongs to "
        "the after-sales service of the credit insurance order and is within the scope of "
        "complaint acceptance, it will be identified and processed."
    ),
    "3.4": (
        "Buyers purchase products with after-sales service marks through online transactions. If "
        "the seller fails to perform the local after-sales service obligations as agreed, "
        "disputes arising between the two parties shall be resolved by the buyer and the seller. "
        "If losses are caused to the platform due to the seller's breach of contract, the seller "
        "shall be liable for all losses caused to the platform (including but not limited to "
        "attorney fees, transportation fees, notary fees, etc.)."
    ),
    "4.1.1": (
        "Due to the buyer's reasons, the seller cannot provide services according to the "
        "requirements of this specification or the buyer voluntarily gives up;"
    ),
    "4.1.2": (
        "Due to force majeure, the seller fails to provide services according to the requirements "
        "of this specification or is unable to provide services (referring to the unforeseeable, "
        "unavoidable or insurmountable objective circumstances or unexpected events between the "
        "buyer and the seller when entering into the contract, including but not limited to "
        "natural disasters, such as typhoons , torrential rain, hail, earthquakes, tsunamis, "
        "floods, volcanic eruptions, landslides; abnormal events, such as wars, armed conflicts, "
        "riots, riots, fires, explosions, toxic substances leaks, serious epidemics; government "
        "actions, such as controls, bans, expropriation, expropriation, etc.);"
    ),
    "4.1.3": ("The buyer obviously abuses the service rights;"),
    "4.2": (
        "If the buyer and the seller have transaction disputes due to after-sales service orders, "
        "they shall be handled in accordance with the relevant transaction management and dispute "
        "mediation rules of ZESTECH."
    ),
    "4.3": (
        "Regardless of the reason for the seller to withdraw from the after-sales service, the "
        "after-sales service-related orders that are still being performed before the withdrawal "
        "shall continue to be executed in accordance with the requirements of this specification, "
        "and the seller shall still be responsible for the failure to perform the service "
        "commitment of such orders."
    ),
    "5.1": ('The "days" in this specification refer to natural days.'),
    "5.2": ("This specification will take effect for the first time on December 27, 2021."),
}

#: The sentences that introduce a list of clauses, by the number of the list.
LEADS: dict[str, str] = {
    "2.3": "Service time limit:",
    "4.1": "Buyers will not be able to enjoy after-sales service in the following situations:",
}
