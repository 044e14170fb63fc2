/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.bench;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.amend4j.html.HtmlView;

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
    boolean isDisturbed() {
        return demo.filter(one -> one.fraction() > 1).isPresent()
                || measurements.stream().anyMatch(one -> one.fraction() > 1);
    }

    /** Sentences about what could not be measured. */
    public List<String> errors() {
        return failures.stream().map(Failure::toString).toList();
    }

    /** For JSON. */
    public record Facts(
            @JsonUnwrapped Hardware hardware,
            List<Measurement.Facts> measurements,
            Optional<DemoMeasurement.Facts> demo,
            List<LeftOut> leftOut,
            List<Failure> errors,
            boolean complete) {}

    /** What the hardware could do, and how that is compared with what it did. */
    record Hardware(
            double peakGigaflops,
            Map<String, Double> peaks,
            Optional<Map<String, Double>> peaksOfTraining,
            double copyGigabytesPerSecond,
            String floor,
            boolean disturbed) {}

    /** For JSON. */
    public Facts facts() {
        return new Facts(
                new Hardware(
                        limits.peaks().best(),
                        limits.peaks().facts(),
                        peaksOfTraining.map(Peaks::facts),
                        limits.gigabytes(),
                        Limits.FORMULA,
                        isDisturbed()),
                measurements.stream().map(Measurement::facts).toList(),
                demo.map(DemoMeasurement::facts),
                leftOut,
                failures,
                complete);
    }

    /** For a page. */
    public HtmlView view() {
        return new BenchView(this);
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
