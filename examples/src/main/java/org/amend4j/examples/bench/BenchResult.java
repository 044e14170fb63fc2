package org.amend4j.examples.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** All that was measured. */
public record BenchResult(Limits limits, List<Measurement> measurements, DemoMeasurement demo) {

    public BenchResult {
        measurements = List.copyOf(measurements);
    }

    /** For JSON. */
    public Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("peakGigaflops", limits.gigaflops());
        facts.put("copyGigabytesPerSecond", limits.gigabytes());
        facts.put("floor", Limits.FORMULA);
        facts.put("measurements", measurements.stream().map(Measurement::facts).toList());
        facts.put("demo", demo.facts());
        return facts;
    }

    /** For people. */
    public String text() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "matrix peak     %,.0f GFLOP/s%ncopy bandwidth  %.1f GB/s (read + written)%n%n%-18s %-33s %10s %10s %8s%n",
                limits.gigaflops(),
                limits.gigabytes(),
                "",
                "",
                "median ms",
                "floor ms",
                "reached"));
        for (Measurement one : measurements) {
            text.append(String.format(
                    Locale.ROOT,
                    "%-18s %-33s %10.3f %10.3f %6.1f %%%n",
                    one.what(),
                    one.shape(),
                    one.timing().median(),
                    one.floorMilliseconds(),
                    100 * one.fraction()));
        }
        text.append(demo.text());
        return text.append(String.format(Locale.ROOT, "%n%s.", Limits.FORMULA)).toString();
    }
}
