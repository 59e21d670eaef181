"""The ledger: parameters, multiply-adds, shapes and receptive fields of networks, beside what their papers print.

``counting`` runs networks and needs torch; ``papers``, ``beside``, ``loaded``, ``words`` and ``tables`` do not.
"""
