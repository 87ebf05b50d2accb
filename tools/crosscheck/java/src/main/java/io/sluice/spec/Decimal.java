package io.sluice.spec;

import com.fasterxml.jackson.annotation.JacksonAnnotationsInside;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** An offset or a time, which is a decimal string in JSON (1.2). */
@JacksonAnnotationsInside
@JsonSerialize(using = ToStringSerializer.class)
@Retention(RetentionPolicy.RUNTIME)
@interface Decimal {}
