"""What customers do differently with a product: ranked, with effect sizes, k-anonymous. Pure.

    for found in differences(users, products, "lamp", now_ms, 10): print(found.text)

features.py says what one person does, in numbers; groups.py by what people can be told apart;
kinds.py finds groups that nobody named; differences.py holds the groups against the others;
report.py is all that is said of a product, plot.py a picture of the differences.
Nothing is ever said of fewer than `fewest` people, nor of all but fewer than these.
"""
