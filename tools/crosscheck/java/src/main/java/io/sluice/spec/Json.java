package io.sluice.spec;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.util.HexFormat;

/** JSON as the specification has it: bytes are lower-case hexadecimal (1.2). */
final class Json {
  static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .addModule(new SimpleModule().addSerializer(byte[].class, new Hex()))
          .build();

  private Json() {}

  private static final class Hex extends StdSerializer<byte[]> {
    private static final long serialVersionUID = 1;

    Hex() {
      super(byte[].class);
    }

    @Override
    public void serialize(byte[] bytes, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeString(HexFormat.of().formatHex(bytes));
    }
  }
}
