/** A Deeplearning4j graph and its records as an {@linkplain org.amend4j.objective.Objective objective} of the trainable vector. */
@NullMarked
package org.amend4j.internal.graph;

import org.jspecify.annotations.NullMarked;
