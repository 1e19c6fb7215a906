"""What a customer is worth: how often they will order (BG/NBD) times what they spend (Gamma-Gamma).

Pure functions of NumPy arrays; nothing here knows the database. From bottom to top:

- `histories`: transactions -> one purchase history per customer (x, t_x, T, m_x), equal histories merged;
- `fitting`: maximum likelihood, and the sentence that says why there is none;
- `bgnbd`: orders to come and P(alive);
- `gamma_gamma`: average spend per order;
- `value`: both together, per customer;
- `calibration`: fit on the past, compare with what happened.

`docs/value.md` says in plain words what the models claim, and where they stop.
"""
