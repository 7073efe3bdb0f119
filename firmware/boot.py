# Runs first after every reset. Nothing to prepare: main.py starts Bluetooth before Wi-Fi by itself.
