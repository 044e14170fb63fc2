/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * All that was measured so far.
 *
 * @param peaksOfTraining of products in the way that training takes, where that is not the fastest
 * @param failures what could not be measured
 * @param leftOut what would have taken too long
 * @param demo measured last
 * @param complete whether there is nothing more to come
 */
public record BenchResult(
        Limits limits,
        Optional<Peaks> peaksOfTraining,
        List<Measurement> measurements,
        List<Failure> failures,
        List<LeftOut> leftOut,
        Optional<DemoMeasurement> demo,
        boolean complete) {

    public BenchResult {
        measurements = List.copyOf(measurements);
        failures = List.copyOf(failures);
        leftOut = List.copyOf(leftOut);
    }

    /** Whether something was faster than its floor, so that peak or bandwidth must be too low. */
    private boolean isDisturbed() {
        return demo.filter(one -> one.fraction() > 1).isPresent()
                || measurements.stream().anyMatch(one -> one.fraction() > 1);
    }

    /** Sentences about what could not be measured. */
    public List<String> errors() {
        return failures.stream().map(Failure::toString).toList();
    }

    /** For JSON. */
    public Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("peakGigaflops", limits.peaks().best());
        facts.put("peaks", limits.peaks().facts());
        peaksOfTraining.ifPresent(peaks -> facts.put("peaksOfTraining", peaks.facts()));
        facts.put("copyGigabytesPerSecond", limits.gigabytes());
        facts.put("floor", Limits.FORMULA);
        facts.put("disturbed", isDisturbed());
        facts.put("measurements", measurements.stream().map(Measurement::facts).toList());
        demo.ifPresent(one -> facts.put("demo", one.facts()));
        facts.put("leftOut", leftOut.stream().map(LeftOut::facts).toList());
        facts.put("errors", failures.stream().map(Failure::facts).toList());
        facts.put("complete", complete);
        return facts;
    }

    /** For people. */
    public String text() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "matrix peak     %s GFLOP/s%s%ncopy bandwidth  %.1f GB/s (read + written)%n%n%-18s %-33s %10s %10s %8s%n",
                limits.peaks(),
                peaksOfTraining
                        .map(peaks -> String.format(
                                Locale.ROOT,
                                ", of factors stored in bfloat16%nin training     %s GFLOP/s, of floats",
                                peaks))
                        .orElse(""),
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
        demo.ifPresent(one -> text.append(one.text()));
        leftOut.forEach(one -> text.append(
                String.format(Locale.ROOT, "%-18s %-33s left out: too long here%n", one.what(), one.shape())));
        failures.forEach(
                one -> text.append(String.format(Locale.ROOT, "%-18s %-33s not measured%n", one.what(), one.shape())));
        if (isDisturbed()) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "More than 100 %% was reached: other work disturbed the measurement of the peak; measure again.%n"));
        }
        return text.append(String.format(Locale.ROOT, "%n%s.", Limits.FORMULA)).toString();
    }
}
