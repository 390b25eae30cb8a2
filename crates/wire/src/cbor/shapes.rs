//! Macros: a struct as the array of its fields, an enumeration as a number, and the
//! `minicbor` traits for crates that store such values.

/// `minicbor` traits through [`Cbor`], for crates that store these values.
macro_rules! minicbor_by_cbor {
    ($name:ty) => {
        impl<C> minicbor::Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.writer_mut().write_all(&crate::cbor::Cbor::to_bytes(self)).map_err(minicbor::encode::Error::write)
            }
        }

        impl<'b, C> minicbor::Decode<'b, C> for $name {
            fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                let start = d.position();
                let bytes = d.input().get(start..).unwrap_or_default();
                let mut input = crate::cbor::In::new(bytes);
                let value = crate::cbor::Cbor::take(&mut input)
                    .map_err(|code: crate::codes::Code| minicbor::decode::Error::message(code))?;
                d.set_position(start + input.position());
                Ok(value)
            }
        }
    };
}
pub(crate) use minicbor_by_cbor;

/// A struct encoded as an array of its fields, in order.
macro_rules! array {
    ($($(#[$doc:meta])* pub struct $name:ident { $($(#[$fdoc:meta])* pub $field:ident: $ty:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name { $($(#[$fdoc])* pub $field: $ty,)* }

        impl crate::cbor::Cbor for $name {
            fn put(&self, out: &mut crate::cbor::Out) {
                out.array([$(stringify!($field)),*].len());
                $(crate::cbor::Cbor::put(&self.$field, out);)*
            }
            fn take(input: &mut crate::cbor::In<'_>) -> Result<Self, crate::codes::Code> {
                input.array_of([$(stringify!($field)),*].len())?;
                Ok(Self { $($field: crate::cbor::Cbor::take(input)?,)* })
            }
        }

        crate::cbor::minicbor_by_cbor!($name);
    )*};
}
pub(crate) use array;

/// An enumeration encoded as an unsigned integer; other numbers are `bad_bytes`.
macro_rules! number {
    ($($(#[$doc:meta])* pub enum $name:ident { $($(#[$vdoc:meta])* $variant:ident = $n:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant = $n,)* }

        impl crate::cbor::Cbor for $name {
            fn put(&self, out: &mut crate::cbor::Out) {
                out.u64(*self as u64);
            }
            fn take(input: &mut crate::cbor::In<'_>) -> Result<Self, crate::codes::Code> {
                match input.u64()? {
                    $($n => Ok(Self::$variant),)*
                    _ => Err(crate::codes::Code::BadBytes),
                }
            }
        }

        crate::cbor::minicbor_by_cbor!($name);
    )*};
}
pub(crate) use number;
