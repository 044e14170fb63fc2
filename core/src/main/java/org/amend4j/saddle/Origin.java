package org.amend4j.saddle;

import java.util.List;

/** How a report's numbers came about; components as in {@link SecondOrderReport}. */
record Origin(
        List<String> assumptions,
        double error,
        int trajectories,
        long environmentSteps,
        long seed,
        int starts,
        int lanczosSteps,
        boolean converged,
        double gradientStep,
        double scoreStep) {

    Origin {
        assumptions = List.copyOf(assumptions);
    }

    /** Nothing was sampled. */
    static Origin exact(int dimension) {
        return new Origin(List.of(), 0, 0, 0, 0, 0, dimension, true, 0, 0);
    }

    boolean isExact() {
        return trajectories == 0;
    }
}
