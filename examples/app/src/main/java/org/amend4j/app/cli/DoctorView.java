/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.amend4j.html.Html;
import org.amend4j.html.HtmlView;

/**
 * What the doctor finds, worst first.
 *
 * @param machine with the natives of this process
 * @param device what there is to compute on
 * @param emulator what the emulated device lacks
 */
record DoctorView(Machine machine, DeviceFacts device, Optional<String> emulator) implements HtmlView {

    private static final long LITTLE_MEMORY = 1024;

    /** In the order of the page. */
    private enum Level {
        MEND("to mend"),
        NOTE("to know"),
        FINE("in order");

        private final String words;

        Level(String words) {
            this.words = words;
        }
    }

    private record Finding(Level level, String what, String sentence) {}

    @Override
    public String toHtml() {
        List<Finding> findings = findings();
        findings.sort(Comparator.comparing(Finding::level)); // stable
        long wrong = findings.stream()
                .filter(finding -> finding.level() == Level.MEND)
                .count();
        Html html = Html.fragment().open("section").element("h2", "Findings");
        html.element("p", wrong == 0 ? "Nothing needs mending." : wrong + " to mend, first below.");
        html.open("ul", "class", "findings");
        for (Finding finding : findings) {
            html.open("li", "class", finding.level().name().toLowerCase(Locale.ROOT));
            html.element("b", finding.level().words + ": " + finding.what()).text(" ");
            html.element("span", finding.sentence()).close();
        }
        return html.close().close().markup();
    }

    private List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        findings.add(new Finding(
                Level.FINE,
                "Java",
                machine.java().version() + ", " + machine.java().vm()));
        findings.add(new Finding(
                Level.FINE,
                "ND4J",
                machine.nd4j().natives() + "; " + machine.nd4j().blas() + " with "
                        + machine.nd4j().blasThreads() + " threads"));
        findings.add(products());
        findings.add(threads());
        findings.add(memory());
        device(findings);
        findings.add(emulator.map(lacks -> new Finding(Level.NOTE, "emulated device", lacks))
                .orElseGet(() -> new Finding(Level.FINE, "emulated device", "kernels can be tried without a card")));
        return findings;
    }

    /** OpenBLAS is always there. */
    private Finding products() {
        String advice = machine.products().advice();
        return advice.equals("none")
                ? new Finding(
                        Level.FINE,
                        "products",
                        "with frozen layers by " + machine.products().frozen() + " ("
                                + machine.products().why() + ")")
                : new Finding(Level.NOTE, "products", advice);
    }

    private Finding threads() {
        String advice = machine.openmp().advice();
        return advice.equals("none")
                ? new Finding(Level.FINE, "threads", "those of OpenMP wait without taking time from others")
                : new Finding(Level.MEND, "threads", advice);
    }

    private Finding memory() {
        long free = machine.memory().freeMb();
        String sentence = String.format(
                Locale.ROOT, "%,d MiB of %,d are free", free, machine.memory().machineMb());
        return new Finding(free < LITTLE_MEMORY ? Level.MEND : Level.FINE, "memory", sentence);
    }

    /** Without a card nothing is wrong: the CPU computes. */
    private void device(List<Finding> findings) {
        String way = device.way() + ".";
        if (device.missing().isEmpty()) {
            findings.add(new Finding(Level.FINE, "device", way + " " + device.cards() + ". " + device.why()));
        } else if (device.cards().equals("none")) {
            String missing = String.join(" ", device.missing());
            findings.add(new Finding(Level.NOTE, "device", way + " For computing on a card: " + missing));
        } else {
            device.missing().forEach(missing -> findings.add(new Finding(Level.MEND, "device", missing)));
        }
    }
}
