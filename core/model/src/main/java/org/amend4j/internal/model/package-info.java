/** The only access to Deeplearning4j networks and files: the immutable base model and its fingerprint. */
@NullMarked
package org.amend4j.internal.model;

import org.jspecify.annotations.NullMarked;
