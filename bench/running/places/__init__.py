"""Where jobs run: one module a place, behind one interface (`bench.running.places.place`)."""
